package main

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newDocsCommand returns the command that writes the help texts as documentation. A release
// has the man pages, docs/cli.md the rest.
func newDocsCommand() *cobra.Command {
	var man string
	cmd := &cobra.Command{
		Use:    "docs",
		Short:  "Print the help of all commands as Markdown, or write man pages",
		Hidden: true,
		Args:   cobra.NoArgs,
	}
	cmd.Flags().StringVar(&man, "man", "", "write man pages to the existing `FOLDER`")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if man == "" {
			return writeWhole(cmd.OutOrStdout(), func(w io.Writer) error { return writeReference(w, cmd.Root()) })
		}
		cmd.Root().DisableAutoGenTag = true
		header := &doc.GenManHeader{Section: "1", Source: "fanout-bench", Date: new(time.Time)}
		return doc.GenManTree(cmd.Root(), header, man)
	}
	return cmd
}

func writeReference(w io.Writer, root *cobra.Command) error {
	fmt.Fprintf(w, "# Commands\n\n<!-- 'make docs' writes this file from the help texts. -->\n\n%s\n", root.Long)
	for _, cmd := range root.Commands() {
		if !cmd.IsAvailableCommand() {
			continue
		}
		cmd.InitDefaultHelpFlag()
		text := cmp.Or(cmd.Long, cmd.Short+".")
		if _, err := fmt.Fprintf(w, "\n## %s\n\n%s\n\n```\n%s```\n", cmd.CommandPath(), text, cmd.UsageString()); err != nil {
			return err
		}
	}
	return nil
}

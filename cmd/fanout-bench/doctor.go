package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/report"
)

// newDoctorCommand returns the command that says where a run would get PostgreSQL,
// and what killed runs left.
func newDoctorCommand() *cobra.Command {
	var (
		server serverFlags
		clean  bool
	)
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say where a run would get PostgreSQL, and what killed runs left behind",
		Args:  cobra.NoArgs,
	}
	server.add(cmd.Flags())
	cmd.Flags().BoolVar(&clean, "clean", false, "remove what killed runs left, on the given server too")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := server.check(cmd.Flags()); err != nil {
			return withStatus(statusUsage, err)
		}
		return doctor(cmd, &server, clean)
	}
	return cmd
}

func doctor(cmd *cobra.Command, server *serverFlags, clean bool) error {
	ctx, stdout := cmd.Context(), cmd.OutOrStdout()
	findings, err := postgres.Examine(ctx, server.options())
	switch {
	case ctx.Err() != nil:
		return withStatus(statusInterrupted, interrupted(err))
	case err != nil:
		return withStatus(statusUsage, err)
	}
	takes := ""
	for _, f := range findings {
		found := f.Found
		if f.Err != nil {
			found = "no: " + f.Err.Error()
		} else if takes == "" {
			takes = f.Mode
		}
		fmt.Fprintf(stdout, "%-9s %s\n", f.Mode, report.Printable(found, len(found)))
	}
	fmt.Fprintln(stdout)
	if takes != "" {
		fmt.Fprintf(stdout, "A run takes %s, the first of these that works.\n", takes)
	}
	cleanErr := leftovers(ctx, stdout, clean)
	if takes == "url" {
		cleanErr = errors.Join(cleanErr, orphans(ctx, stdout, server, clean))
	}
	switch {
	case ctx.Err() != nil:
		return withStatus(statusInterrupted, interrupted(cleanErr))
	case cleanErr != nil:
		return withStatus(statusNotMeasured, cleanErr)
	case takes == "":
		return withStatus(statusNotMeasured, postgres.ErrNowhere)
	}
	return nil
}

// leftovers says what killed runs left on this machine, or removes it.
func leftovers(ctx context.Context, stdout io.Writer, clean bool) error {
	left, err := postgres.FindLeftovers(ctx)
	if err != nil {
		return err
	}
	if clean {
		if err := left.Remove(ctx); err != nil {
			return err
		}
	}
	list(stdout, clean, "Temporary folders", left.Folders)
	list(stdout, clean, "Containers", left.Containers)
	if len(left.Strangers) > 0 {
		fmt.Fprintf(stdout, "Containers of runs on another machine, or of killed ones: %s. If none runs, remove them with docker rm -f.\n",
			strings.Join(left.Strangers, ", "))
	}
	if len(left.Folders)+len(left.Containers)+len(left.Strangers) == 0 {
		fmt.Fprintln(stdout, "Killed runs left nothing on this machine.")
	}
	return nil
}

// orphans says which databases killed runs left on the given server, or drops them.
func orphans(ctx context.Context, stdout io.Writer, flags *serverFlags, clean bool) (err error) {
	server, err := postgres.Open(ctx, flags.options())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	names, err := server.Orphans(ctx)
	if err != nil {
		return err
	}
	if clean {
		for _, name := range names {
			if err := server.DropOrphan(ctx, name); err != nil {
				return err
			}
		}
	}
	list(stdout, clean, "Scratch databases", names)
	if len(names) == 0 {
		fmt.Fprintln(stdout, "Killed runs left nothing on the given server.")
	}
	return nil
}

func list(stdout io.Writer, cleaned bool, what string, names []string) {
	switch {
	case len(names) == 0:
	case cleaned:
		fmt.Fprintf(stdout, "%s of killed runs, removed: %s.\n", what, strings.Join(names, ", "))
	default:
		fmt.Fprintf(stdout, "%s of killed runs: %s. Remove them with --clean.\n", what, strings.Join(names, ", "))
	}
}

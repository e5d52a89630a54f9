package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// newDoctorCommand returns the command that shows where a run would get PostgreSQL and what
// killed runs left.
func newDoctorCommand() *cobra.Command {
	var (
		server serverFlags
		clean  bool
	)
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Show where PostgreSQL would come from, and what killed runs left",
		Example: `  fanout-bench doctor
  fanout-bench doctor --clean`,
		Args: cobra.MatchAll(cobra.NoArgs, func(cmd *cobra.Command, _ []string) error { return server.check(cmd.Flags()) }),
	}
	server.add(cmd.Flags())
	cmd.Flags().BoolVar(&clean, "clean", false, "remove what killed runs left, also on the given server")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var failure error
		printed := writeWhole(cmd.OutOrStdout(), func(w io.Writer) error {
			failure = doctor(cmd.Context(), w, &server, clean)
			return nil // what was found is printed all the same
		})
		return errors.Join(failure, printed)
	}
	return cmd
}

func doctor(ctx context.Context, out io.Writer, server *serverFlags, clean bool) error {
	findings, err := postgres.Examine(ctx, server.options())
	switch {
	case ctx.Err() != nil:
		return interrupted(err)
	case err != nil:
		return exit.With(exit.Usage, err)
	}
	takes := ""
	for _, f := range findings {
		found := f.Found
		if f.Err != nil {
			found = "no: " + f.Err.Error()
		} else if takes == "" {
			takes = f.Mode
		}
		fmt.Fprintf(out, "%-9s %s\n", f.Mode, term.Printable(found, len(found)))
	}
	fmt.Fprintln(out)
	if takes != "" {
		fmt.Fprintf(out, "A run uses %s, the first that works.\n", takes)
	}
	cleanErr := leftovers(ctx, out, clean)
	if takes == "url" {
		cleanErr = errors.Join(cleanErr, orphans(ctx, out, server, clean))
	}
	switch {
	case ctx.Err() != nil:
		return interrupted(cleanErr)
	case cleanErr != nil:
		return exit.With(exit.NotMeasured, cleanErr)
	case takes == "":
		return exit.With(exit.NotMeasured, postgres.ErrNowhere)
	}
	return nil
}

// leftovers lists what killed runs left on this machine, or removes it.
func leftovers(ctx context.Context, out io.Writer, clean bool) error {
	found := postgres.Leftovers()
	left := found
	var err error
	if clean {
		err = postgres.Sweep(ctx)
		left = postgres.Leftovers()
	}
	list(out, "Temporary folders", found, left)
	if len(found) == 0 {
		fmt.Fprintln(out, "Killed runs left nothing on this machine.")
	}
	return err
}

// orphans says which databases killed runs left on the given server, or drops them.
func orphans(ctx context.Context, out io.Writer, flags *serverFlags, clean bool) (err error) {
	server, err := postgres.Open(ctx, flags.options())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	found, used, err := server.Orphans(ctx)
	if err != nil {
		return err
	}
	left := found
	if clean {
		left = nil
		for _, name := range found {
			if dropErr := server.DropOrphan(ctx, name); dropErr != nil {
				left, err = append(left, name), errors.Join(err, dropErr)
			}
		}
	}
	list(out, "Scratch databases", found, left)
	if len(used) > 0 {
		fmt.Fprintf(out, "Scratch databases whose run has ended, but that somebody is connected to: %s. Close these connections, then use doctor --clean.\n", strings.Join(used, ", "))
	} else if len(found) == 0 {
		fmt.Fprintln(out, "Killed runs left nothing on the given server.")
	}
	return err
}

// list prints which leftovers of killed runs were removed and which remain.
func list(out io.Writer, what string, found, left []string) {
	gone := slices.DeleteFunc(slices.Clone(found), func(name string) bool { return slices.Contains(left, name) })
	if len(gone) > 0 {
		fmt.Fprintf(out, "%s of killed runs, removed: %s.\n", what, strings.Join(gone, ", "))
	}
	if len(left) > 0 {
		fmt.Fprintf(out, "%s of killed runs: %s. Remove them with --clean.\n", what, strings.Join(left, ", "))
	}
}

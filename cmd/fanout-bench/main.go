// Fanout-bench counts the SQL statements and authorization checks of a code path, finds how they
// grow with N, and fails if they exceed the baseline. The commands and flags are in docs/cli.md,
// which 'make docs' writes from the help texts.
//
// Tables go to standard output, everything else to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/internal/agentauth"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

func main() { os.Exit(run(agentauth.Case(), os.Args[1:], os.Stdout, os.Stderr)) }

// run runs the program for a case and returns the exit status. An interrupt stops and removes
// everything it started, within a bounded time, so it ignores a second interrupt.
func run(c workload.Case, args []string, stdout, stderr io.Writer) int {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	// A closed pipe must not end the program before it has cleaned up.
	signal.Ignore(syscall.SIGPIPE)

	// Cobra reports usage errors before PersistentPreRun.
	status := exit.Usage
	root := newRoot(c)
	root.PersistentPreRun = func(*cobra.Command, []string) { status = exit.NotMeasured }
	stdout, stderr = interrupt.NewPrinter(ctx, stdout), interrupt.NewPrinter(ctx, stderr)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetArgs(args)

	ran, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exit.OK
	}
	status = exit.Of(err, status)
	if errors.Is(err, exit.ErrInterrupted) {
		status = exit.Interrupted
	}
	if text := message(err, c); text != "" { // a report may have been printed already
		fmt.Fprintf(stderr, "fanout-bench: %s\n", term.PrintableLines(text))
	}
	if status == exit.Usage {
		fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", ran.CommandPath())
		if slices.Contains(args, "--bisect") { // whichever argument is wrong: git takes 2 for a bad commit
			return exit.Abort
		}
	}
	return status
}

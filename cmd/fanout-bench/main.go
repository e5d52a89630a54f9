// Fanout-bench counts the SQL statements and authorization checks that versions of
// a code path cost, and how they grow with N.
//
//	fanout-bench run                         measure and print a table
//	fanout-bench gate                        measure and fail if anything costs more than the baseline
//	fanout-bench accept --reason …           make what is measured the baseline
//	fanout-bench compare A B                 set two versions, or two saved results, against each other
//	fanout-bench explain VERSION SCENARIO/N  show who asks for what in one request
//	fanout-bench verify CLAIMS.md            set published figures against what is measured
//	fanout-bench report FILE                 render saved results, as Markdown, a page and more
//	fanout-bench saturate                    put each version under load until its pool is full
//	fanout-bench serve --version V           serve a version for a load tool of your own
//	fanout-bench list                        versions, scenarios and workloads there are
//	fanout-bench doctor                      where a run would get PostgreSQL; what killed runs left
//
// It needs a PostgreSQL server and finds one itself: see --db. Tables go to
// standard output, everything else to standard error.
//
// The exit status is 0 when all is measured and nothing is worse, 1 when gate finds a
// regression, compare that B costs more than A, verify a figure that is not reproduced,
// or saturate a version that does not do what its counts foretell, 2 for a usage error,
// 3 when something could not be measured or written, or gate --prove finds the gate
// blind, 4 when nothing is selected or can be compared, a file cannot be read, or the
// baseline lacks a cell or has one too many, 5 when gate --ratchet finds an improvement
// that was not accepted, and 130 when interrupted, which for serve is the ordinary end,
// and 0.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/internal/agentauth"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

// withoutEmptyLines leaves out what is told by a status alone.
func withoutEmptyLines(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }), "\n")
}

func main() { os.Exit(run(agentauth.Case(), os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program for a case: it returns the exit status. Interrupts end it early, with
// everything it started stopped and removed; that is bounded in time, so a second
// interrupt is not needed and would leave things behind.
func run(c workload.Case, args []string, stdout, stderr io.Writer) int {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	// A reader that goes away must not end the program before it has cleaned up.
	signal.Ignore(syscall.SIGPIPE)

	// What cobra finds wrong, it finds before a command runs.
	status := exit.Usage
	root := &cobra.Command{
		Use:              "fanout-bench",
		Short:            "Count SQL statements and authorization checks, and how they grow with N",
		SilenceUsage:     true,
		SilenceErrors:    true,
		PersistentPreRun: func(*cobra.Command, []string) { status = exit.NotMeasured },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return inWords(err) })
	stdout, stderr = interrupt.NewPrinter(ctx, stdout), interrupt.NewPrinter(ctx, stderr)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetArgs(args)
	path := c.Path
	root.AddCommand(newRunCommand(path), newGateCommand(path), newAcceptCommand(path), newCompareCommand(path),
		newExplainCommand(path), newVerifyCommand(path), newReportCommand(path),
		newSaturateCommand(c), newServeCommand(c), newListCommand(c), newDoctorCommand())

	err := root.ExecuteContext(ctx)
	if err == nil {
		return exit.OK
	}
	status = exit.Of(err, status)
	if errors.Is(err, exit.ErrInterrupted) {
		status = exit.Interrupted
	}
	if text := withoutEmptyLines(err.Error()); text != "" { // what is printed above may say it all
		fmt.Fprintf(stderr, "fanout-bench: %s\n", term.PrintableLines(text))
	}
	var unknown *selection.UnknownNameError
	if errors.As(err, &unknown) && unknown.What == "scenario" {
		if w, err := c.Workload(unknown.Name); err == nil {
			fmt.Fprintf(stderr, "%s is a workload; put it under load, with 'fanout-bench saturate --workload %[1]s'.\n", w.Name)
		}
	}
	if status == exit.Usage {
		fmt.Fprintln(stderr, "Run 'fanout-bench --help' for usage.")
	}
	return status
}

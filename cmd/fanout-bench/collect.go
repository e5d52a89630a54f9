package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/proof"
	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// commandGrace is how long a command may take to end after an interrupt.
const commandGrace = 10 * time.Second

// outVariable names the folder that package fanouttest writes results to, and
// proveVariable has it do so with each probe.
const (
	outVariable   = "FANOUT_OUT"
	proveVariable = "FANOUT_PROVE"
)

// requireVariable has tests fail that package testdb finds no server for.
const requireVariable = "FANOUT_REQUIRE_DB"

// onlyCommand allows arguments after -- only, where they are a command.
func onlyCommand(cmd *cobra.Command, args []string) error {
	if cmd.ArgsLenAtDash() > 0 || cmd.ArgsLenAtDash() < 0 && len(args) > 0 {
		return fmt.Errorf("unknown argument %q; a command to collect from goes after --", args[0])
	}
	if cmd.ArgsLenAtDash() == 0 && len(args) == 0 {
		return errors.New("no command follows --, such as 'go test ./...'")
	}
	return nil
}

// A collection is what a command has written of what it measured.
type collection struct {
	rows report.File
	// probed has the rows of the runs with each probe, if there were to be such.
	probed map[probe.Probe]report.File
	argv   []string
	// failed says how the command failed although it is to be judged, as rows say why.
	failed error
	// baseline is what --baseline names, if it was given.
	baseline string
}

// collect runs a command, which measures, and returns what it has written. Its output
// goes to stderr, as stdout is for results.
func (m *measurement) collect(cmd *cobra.Command, argv []string) (_ collection, err error) {
	if err := errors.Join(m.leftOut(cmd), m.server.check(cmd.Flags())); err != nil {
		return collection{}, withStatus(statusUsage, err)
	}
	_ = postgres.Sweep(cmd.Context()) // what it leaves is no obstacle
	results, err := tempfolder.New(os.TempDir(), "out")
	if err != nil {
		return collection{}, withStatus(statusNotMeasured, err)
	}
	defer func() { _ = results.Remove() }()
	folder := results.Path
	environ, closeServer, err := m.server.handOver(cmd.Context(), cmd.ErrOrStderr())
	if err != nil {
		return collection{}, err
	}
	defer func() {
		if closeErr := closeServer(); closeErr != nil {
			err = errors.Join(err, withStatus(statusNotMeasured, &cleanupError{closeErr}))
		}
	}()
	environ = append(environ, outVariable+"="+folder)
	// Skipped tests would look like ones that measure nothing, and go does not show why.
	if os.Getenv(requireVariable) == "" {
		environ = append(environ, requireVariable+"=1")
	}
	if m.probes != nil {
		environ = append(environ, proveVariable+"=1")
	}
	failed := runCommand(cmd.Context(), cmd.ErrOrStderr(), environ, argv)
	if failed != nil && !errors.As(failed, new(*exec.ExitError)) {
		return collection{}, failed
	}
	rows, err := merged(cmd.Context(), folder)
	if err != nil {
		return collection{}, cmp.Or(failed, err)
	}
	switch told := hasFailure(rows); {
	case failed != nil && !told:
		return collection{}, failed
	case told:
		failed = cmp.Or(failed, withStatus(statusNotMeasured, errors.New("what the tests ran returned an error")))
		return collection{rows: rows, argv: argv, failed: failed, baseline: changedBaseline(cmd)}, nil
	}
	if len(rows.Rows) == 0 {
		return collection{}, withStatus(statusNoData, errors.New(
			"the command wrote no results: no test of it calls fanouttest.Check, or none of those ran"))
	}
	probed := make(map[probe.Probe]report.File)
	proves := m.probes == nil
	for _, p := range m.probes {
		if probed[p], err = merged(cmd.Context(), filepath.Join(folder, p.Key())); err != nil {
			return collection{}, err
		}
		proves = proves || len(probed[p].Rows) > 0
	}
	if !proves {
		return collection{}, withStatus(statusNotMeasured, errors.New(
			"the tests added nothing that would prove the gate; they need the version of package fanouttest that goes with this command"))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Collected %d cells of %s.\n", len(rows.Rows), term.Count(len(rows.Scenarios), "scenario", "scenarios"))
	if m.probes == nil { // else the proof tells
		fmt.Fprint(cmd.ErrOrStderr(), proof.Unseen(proof.WithoutSQL(rows), ""))
	}
	return collection{rows: rows, probed: probed, argv: argv, baseline: changedBaseline(cmd)}, nil
}

// changedBaseline returns what --baseline names, if it was given.
func changedBaseline(cmd *cobra.Command) string {
	if flag := cmd.Flag("baseline"); flag != nil && flag.Changed {
		return flag.Value.String()
	}
	return ""
}

// insteadOf says by what the tests of a command are told what a flag would say.
var insteadOf = map[string]string{
	"n":      "set field Sweep of its fanouttest.Scenario",
	"repeat": "set field Repeat of its fanouttest.Scenario",
}

// leftOut refuses the flags that say what to measure and how.
func (m *measurement) leftOut(cmd *cobra.Command) error {
	var names, instead []string
	note := func(f *pflag.Flag) {
		if f == nil || !f.Changed || slices.Contains(serverFlagNames, f.Name) {
			return
		}
		names = append(names, "--"+f.Name)
		if other := insteadOf[f.Name]; other != "" {
			instead = append(instead, other)
		}
	}
	m.flags.VisitAll(note)
	note(cmd.Flag("version"))
	if len(names) == 0 {
		return nil
	}
	text := "a command after -- measures by itself; leave out " + strings.Join(names, ", ")
	if len(instead) > 0 {
		text += ", and " + strings.Join(instead, ", and ")
	}
	return errors.New(text)
}

func runCommand(ctx context.Context, stderr io.Writer, environ, argv []string) error {
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Env = append(os.Environ(), environ...)
	// A file as it is: the command may write colors, and leave behind what holds on to a pipe.
	command.Stdout, command.Stderr = destination(stderr), destination(stderr)
	// With all it has started, such as tests, and time to clean up: 'go test' ignores an
	// interrupt and waits for them.
	ownGroup(command)
	command.Cancel = func() error { return interruptGroup(command) }
	command.WaitDelay = commandGrace
	err := command.Run()
	if ctx.Err() != nil {
		killGroup(command)
	}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case errors.As(err, &exit):
		return withStatus(statusNotMeasured, fmt.Errorf("%s: %w; what it measured is not judged",
			term.Printable(argv[0], 0), exit))
	case err != nil:
		return withStatus(statusUsage, fmt.Errorf("run %s: %w", term.Printable(argv[0], 0), oserr.WithoutPath(err)))
	}
	return nil
}

// hasFailure reports whether any of the rows has not ended as it is to.
func hasFailure(rows report.File) bool {
	return slices.ContainsFunc(rows.Rows, func(r report.Row) bool { return r.Failure != "" })
}

// merged returns the rows of all files in folder.
func merged(ctx context.Context, folder string) (report.File, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return report.File{}, withStatus(statusNotMeasured, err)
	}
	var all report.File
	for _, name := range names {
		rows, err := readFile(ctx, name, report.Read)
		if err != nil {
			return report.File{}, withStatus(statusNoData, fmt.Errorf("what the command wrote: %w", err))
		}
		if all.Name != "" && rows.Name != all.Name {
			return report.File{}, withStatus(statusNoData, fmt.Errorf("the results are of two modules, %s and %s; collect from one at a time",
				term.Printable(all.Name, 0), term.Printable(rows.Name, 0)))
		}
		all.Add(rows)
	}
	return all, nil
}

// again returns the command line of a command that collects from the same.
func (c collection) again(command string) string {
	words := []string{"fanout-bench", command}
	if c.baseline != "" {
		words = append(words, "--baseline", term.ShellWord(c.baseline))
	}
	words = append(words, "--")
	for _, word := range c.argv {
		words = append(words, term.ShellWord(word))
	}
	return strings.Join(words, " ")
}

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Package fanouttest writes results to the folder in outVariable, and with proveVariable also
// measures with each probe. The paths of baselines are relative to the folder in rootVariable.
// Tests of a base run in the worktree whose file .git has the text in baseVariable.
const (
	outVariable   = "FANOUT_OUT"
	proveVariable = "FANOUT_PROVE"
	rootVariable  = "FANOUT_ROOT"
	baseVariable  = "FANOUT_BASE"
)

// With requireVariable set, package testdb fails tests instead of skipping them if it finds no
// server.
const requireVariable = "FANOUT_REQUIRE_DB"

// onlyCommand allows no arguments except a command after --.
func onlyCommand(cmd *cobra.Command, args []string) error {
	if cmd.ArgsLenAtDash() > 0 || cmd.ArgsLenAtDash() < 0 && len(args) > 0 {
		return fmt.Errorf("unknown argument %q; put a command that runs tests after --", args[0])
	}
	if cmd.ArgsLenAtDash() == 0 && len(args) == 0 {
		return errNoCommand
	}
	return nil
}

var errNoCommand = errors.New("no command after --; use for example 'go test ./...'")

// A collection has the results that the tests of a command wrote.
type collection struct {
	measured report.File
	probed   map[probe.Probe]report.File // runs with each probe, for --prove; with shortened names
	argv     []string
	failed   error // why the command failed; some of its tests may have measured nothing
}

// savedResults returns the results in files and folders.
func savedResults(cmd *cobra.Command, names []string) (report.File, error) {
	results, err := collect.Files(cmd.Context(), names)
	switch {
	case err != nil || !isEmpty(results):
	case results.Incomplete:
		err = exit.With(exit.NotMeasured, fmt.Errorf("%s: the command failed and measured nothing", strings.Join(names, ", ")))
	default:
		err = exit.With(exit.NoData, fmt.Errorf("%s: no results", strings.Join(names, ", ")))
	}
	return results, err
}

// saveNothing saves that a command failed with err and measured nothing. An older file would look
// like its results, and without a file nobody would miss them.
func saveNothing(targets savefile.Targets, err error) error {
	if status := exit.Of(err, exit.OK); status != exit.NotMeasured && status != exit.NoData {
		return err
	}
	return errors.Join(err, targets.Save("save", report.File{Subject: report.Subject{Incomplete: true}}.Write))
}

// collectionOf returns a collection of saved results, which do not have the command that wrote them.
func collectionOf(saved report.File) collection {
	return collection{measured: saved, argv: []string{"COMMAND"}}
}

// A checkout is where a command runs: the current folder, or one of the worktree of a base.
type checkout struct {
	folder   string // "" is the current one
	worktree string // what the file .git in the root of the worktree says
}

// collect runs a command and returns what its tests measured.
func (m *measurement) collect(cmd *cobra.Command, at checkout, argv []string) (collection, error) {
	if err := errors.Join(leftOut(cmd), m.server.check(cmd.Flags())); err != nil {
		return collection{}, exit.With(exit.Usage, err)
	}
	if here, err := os.Getwd(); err == nil {
		_, goMod := moduleOf(here)
		if note := otherLibrary(goMod, release()); note != "" {
			fmt.Fprintln(cmd.ErrOrStderr(), note)
		}
	}
	_ = postgres.Sweep(cmd.Context()) // leftovers do no harm
	results, err := tempfolder.New(os.TempDir(), "out")
	if err != nil {
		return collection{}, exit.With(exit.NotMeasured, fmt.Errorf("%w; set TMPDIR to another folder", err))
	}
	defer func() { _ = results.Remove() }()
	failed, err := m.runTests(cmd, at, results.Path, argv)
	if err != nil {
		return collection{}, err
	}
	c, err := m.collected(cmd, results.Path, failed)
	if err != nil {
		return collection{}, err
	}
	c.argv = argv
	c.tell(cmd.ErrOrStderr())
	return c, nil
}

// runTests runs a command with a server, so that its tests write their results to out. failed says
// why it has not ended well; there may be results. The command's output goes to stderr, because
// stdout is for results.
func (m *measurement) runTests(cmd *cobra.Command, at checkout, out string, argv []string) (failed, err error) {
	server, err := m.server.ofTests(cmd.Context(), cmd.ErrOrStderr())
	if err != nil {
		return nil, err
	}
	var environ []string
	if server != nil {
		defer stop(server.Close, &err)
		environ = []string{dbVariable + "=" + postgres.ModeURL, urlVariable + "=" + server.ConnString()}
	}
	here := at.folder
	if here == "" {
		if here, err = os.Getwd(); err != nil {
			return nil, exit.With(exit.NotMeasured, err)
		}
	}
	environ = append(environ, outVariable+"="+out, rootVariable+"="+testbaseline.Root(here), baseVariable+"="+at.worktree)
	// Skipped tests would look like tests that measure nothing.
	if os.Getenv(requireVariable) == "" {
		environ = append(environ, requireVariable+"=1")
	}
	if m.proves {
		environ = append(environ, proveVariable+"=1")
	}
	var ticks <-chan time.Time
	if isTerminal(cmd.ErrOrStderr()) {
		ticks = time.Tick(10 * time.Second)
	}
	defer tellMeasured(cmd.ErrOrStderr(), out, ticks)()
	failed = collect.Run(cmd.Context(), cmd.ErrOrStderr(), at.folder, environ, argv)
	if failed != nil && exit.Of(failed, exit.NotMeasured) != exit.NotMeasured {
		return nil, failed
	}
	return failed, nil
}

// collected returns the results in out of a command that ended with failed.
func (m *measurement) collected(cmd *cobra.Command, out string, failed error) (collection, error) {
	measured, err := collect.Folder(cmd.Context(), out)
	switch {
	case err != nil:
		return collection{}, errors.Join(failed, err)
	case isEmpty(measured) && failed != nil:
		return collection{}, failed
	case isEmpty(measured):
		return collection{}, exit.With(exit.NoData, errors.New("the command wrote no results; run tests that call fanouttest.Check"))
	case failed != nil:
	case collect.HasFailure(measured):
		failed = exit.With(exit.NotMeasured, errors.New("a Run of the tests returned an error or panicked"))
	case len(findings.NotMeasured(measured)) > 0:
		failed = exit.With(exit.NotMeasured, errors.New("some scenarios could not be measured"))
	}
	c := collection{measured: measured, probed: make(map[probe.Probe]report.File), failed: failed}
	if !m.proves {
		return c, nil
	}
	proves := false
	for _, p := range probe.All() {
		rows, err := collect.Folder(cmd.Context(), filepath.Join(out, p.Key()))
		if err != nil {
			return collection{}, err
		}
		c.probed[p] = merge.Shortened(rows, measured.Name)
		proves = proves || len(rows.Rows) > 0
	}
	provable := func(r report.Row) bool { return !r.Races }
	if !proves && !collect.HasFailure(measured) && slices.ContainsFunc(measured.Rows, provable) {
		return collection{}, exit.With(exit.NotMeasured, errors.New(
			"--prove: the tests added no query or check;\nuse the same version of package fanouttest and this command"))
	}
	return c, nil
}

// tell says how much was collected, and what to know of it.
func (c collection) tell(w io.Writer) {
	measurements, ignored := 0, 0
	for _, row := range c.measured.Rows {
		ignored += row.Ignored
		if row.Failure == "" {
			measurements++
		}
	}
	scenarios := len(c.measured.Scenarios) - len(findings.NotMeasured(c.measured))
	fmt.Fprintf(w, "Collected %s of %s.\n", term.Count(measurements, "measurement", "measurements"), term.Count(scenarios, "scenario", "scenarios"))
	if ignored > 0 {
		fmt.Fprintf(w, "Ignored by Scenario.Ignore: %s.\n", term.Count(ignored, "statement or check", "statements and checks"))
	}
	firstRunNotes(w, merge.Shortened(c.measured, c.measured.Name))
}

// isEmpty reports whether f has neither measurements nor reasons for missing ones.
func isEmpty(f report.File) bool { return len(f.Rows) == 0 && len(findings.NotMeasured(f)) == 0 }

// insteadOf says what replaces a flag in the tests of a command.
var insteadOf = map[string]string{
	"n":        "set field Sweep of its fanouttest.Scenario",
	"repeat":   "set field Repeat of its fanouttest.Scenario",
	"baseline": "see testdata/fanout beside the tests for their baselines",
}

// leftOut rejects the flags that select measurements.
func leftOut(cmd *cobra.Command) error {
	names := changed(cmd, builtInFlags...)
	if len(names) == 0 {
		return nil
	}
	text := "remove --" + strings.Join(names, ", --") + ": the tests of the command decide what to measure"
	for _, name := range names {
		if instead := insteadOf[name]; instead != "" {
			text += ";\n" + instead
		}
	}
	return errors.New(text)
}

// besideTests is the name of the baselines beside tests in reports.
const besideTests = "the baselines beside the tests"

// document compares the results with a baseline, which reports call name.
func (c collection) document(name string, baseline report.File, metrics []tracer.Metric) view.Document {
	module := c.measured.Name
	measured := merge.Shortened(c.measured, module)
	measured.Whole = true // baseline omits what did not run
	return view.NewDocument(view.Collected(c.again("accept --reason '…'"), c.again("accept --prune")), name, merge.Shortened(baseline, module), measured, nil, metrics)
}

// saved returns the results for a file.
func (c collection) saved() report.File {
	f := c.measured
	f.Incomplete = f.Incomplete || c.failed != nil
	return f
}

// again returns a command line that runs the same tests.
func (c collection) again(command string) string {
	words := []string{"fanout-bench", command, "--"}
	for _, word := range c.argv {
		words = append(words, term.ShellWord(word))
	}
	return strings.Join(words, " ")
}

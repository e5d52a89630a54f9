package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

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
	measured report.File
	// probed has the rows of the runs with each probe, if there were to be such.
	probed map[probe.Probe]report.File
	argv   []string
	// failed says how the command ended, if not well: with tests that failed, some of which
	// may have measured nothing.
	failed error
}

// collect runs a command in folder, or in the current one if that is empty, and returns what
// it has measured. Its output goes to stderr, as stdout is for results.
func (m *measurement) collect(cmd *cobra.Command, folder string, argv []string) (_ collection, err error) {
	if err := errors.Join(m.leftOut(cmd), m.server.check(cmd.Flags())); err != nil {
		return collection{}, exit.With(exit.Usage, err)
	}
	_ = postgres.Sweep(cmd.Context()) // what it leaves is no obstacle
	results, err := tempfolder.New(os.TempDir(), "out")
	if err != nil {
		return collection{}, exit.With(exit.NotMeasured, err)
	}
	defer func() { _ = results.Remove() }()
	out := results.Path
	environ, closeServer, err := m.server.handOver(cmd.Context(), cmd.ErrOrStderr())
	if err != nil {
		return collection{}, err
	}
	defer func() {
		if closeErr := closeServer(); closeErr != nil {
			err = errors.Join(err, exit.With(exit.NotMeasured, &cleanupError{closeErr}))
		}
	}()
	environ = append(environ, outVariable+"="+out)
	// Skipped tests would look like ones that measure nothing, and go does not show why.
	if os.Getenv(requireVariable) == "" {
		environ = append(environ, requireVariable+"=1")
	}
	if m.probes != nil {
		environ = append(environ, proveVariable+"=1")
	}
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	if !isTerminal(cmd.ErrOrStderr()) {
		ticker.Stop()
	}
	stopTelling := tellMeasured(cmd.ErrOrStderr(), out, ticker.C)
	failed := collect.Run(cmd.Context(), cmd.ErrOrStderr(), folder, environ, argv)
	stopTelling()
	if failed != nil && exit.Of(failed, exit.NotMeasured) != exit.NotMeasured {
		return collection{}, failed
	}
	measured, err := collect.Folder(cmd.Context(), out)
	if err != nil {
		return collection{}, errors.Join(failed, err)
	}
	if isEmpty(measured) {
		if failed != nil {
			return collection{}, failed
		}
		return collection{}, exit.With(exit.NoData, errors.New(
			"the command wrote no results: no test of it calls fanouttest.Check, or none of those ran"))
	}
	switch {
	case failed != nil:
	case hasFailure(measured):
		failed = exit.With(exit.NotMeasured, errors.New("what the tests ran returned an error"))
	case len(findings.NotMeasured(measured)) > 0:
		failed = exit.With(exit.NotMeasured, errors.New("not all that the tests ran could be measured"))
	}
	probed := make(map[probe.Probe]report.File)
	proves := m.probes == nil
	for _, p := range m.probes {
		if probed[p], err = collect.Folder(cmd.Context(), filepath.Join(out, p.Key())); err != nil {
			return collection{}, err
		}
		proves = proves || len(probed[p].Rows) > 0
	}
	provable := func(r report.Row) bool { return !r.Races }
	if !proves && !hasFailure(measured) && slices.ContainsFunc(measured.Rows, provable) {
		return collection{}, exit.With(exit.NotMeasured, errors.New(
			"the tests added nothing that would prove the gate; they need the version of package fanouttest that goes with this command"))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Collected %s of %s.\n", term.Count(len(measured.Rows), "cell", "cells"), term.Count(len(measured.Scenarios)-len(findings.NotMeasured(measured)), "scenario", "scenarios"))
	if left := ignored(measured); left > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "Left out by Ignore: %s.\n", term.Count(left, "statement or check", "statements and checks"))
	}
	firstRunNotes(cmd.ErrOrStderr(), merge.Shortened(measured, measured.Name))
	return collection{measured: measured, probed: probed, argv: argv, failed: failed}, nil
}

// ignored returns how many statements and checks were left out on purpose.
func ignored(f report.File) int {
	sum := 0
	for _, row := range f.Rows {
		sum += row.Ignored
	}
	return sum
}

// isEmpty reports whether f knows of nothing, not even of what could not be measured.
func isEmpty(f report.File) bool { return len(f.Rows) == 0 && len(findings.NotMeasured(f)) == 0 }

// hasFailure reports whether any of the rows has not ended as it is to.
func hasFailure(f report.File) bool {
	return slices.ContainsFunc(f.Rows, func(r report.Row) bool { return r.Failure != "" })
}

// insteadOf says by what the tests of a command are told what a flag would say.
var insteadOf = map[string]string{
	"n":        "set field Sweep of its fanouttest.Scenario",
	"repeat":   "set field Repeat of its fanouttest.Scenario",
	"baseline": "the baselines of tests are beside them, in testdata/fanout",
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
	note(cmd.Flag("baseline"))
	if len(names) == 0 {
		return nil
	}
	text := "a command after -- measures by itself; leave out " + strings.Join(names, ", ")
	if len(instead) > 0 {
		text += ", and " + strings.Join(instead, ", and ")
	}
	return errors.New(text)
}

// besideTests is what the baselines beside tests are called in reports.
const besideTests = "the baselines beside the tests"

// document is about what was measured, judged by a baseline that is called name.
func (c collection) document(name string, baseline report.File, metrics []tracer.Metric) view.Document {
	module := c.measured.Name
	measured := merge.Shortened(c.measured, module)
	measured.Whole = true // what did not run is not in the baseline
	return view.NewDocument(view.Collected(c.again("accept --reason '…'"), c.again("accept --prune")), name, merge.Shortened(baseline, module), measured, nil, metrics)
}

// provable reports whether there are runs with probes, and results to set them against.
func (c collection) provable() bool {
	return len(c.probed) > 0 && len(c.measured.Rows) > 0 && !hasFailure(c.measured)
}

func (c collection) shortenedProbes() map[probe.Probe]report.File {
	probed := map[probe.Probe]report.File{}
	for p, rows := range c.probed {
		probed[p] = merge.Shortened(rows, c.measured.Name)
	}
	return probed
}

// saved returns what was measured, as a file is to have it.
func (c collection) saved() report.File {
	f := c.measured
	f.Incomplete = f.Incomplete || c.failed != nil
	return f
}

// again returns the command line of a command that collects from the same.
func (c collection) again(command string) string {
	words := []string{"fanout-bench", command, "--"}
	for _, word := range c.argv {
		words = append(words, term.ShellWord(word))
	}
	return strings.Join(words, " ")
}

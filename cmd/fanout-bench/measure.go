package main

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// These keep a slip of the finger from taking hours.
const (
	maxN      = 10_000
	maxRepeat = 1_000
)

// A measurement is what the commands that measure have in common.
type measurement struct {
	selection selection.Selection
	repeat    int
	server    serverFlags
	stacks    bool // whether recordings tell who asked
	strict    bool
	probes    []probe.Probe // nil unless the gate is to be proved
	probed    *probe.Runs   // the runs with these
	// failures says of cells that did not end as declared how they did, and of those that could
	// not be measured why.
	failures map[scenarios.Cell]string

	flags *pflag.FlagSet // those above
}

// addFlags adds the flags that select, and those of addServerFlags.
func (m *measurement) addFlags(cmd *cobra.Command) {
	m.addServerFlags(cmd)
	flags := pflag.NewFlagSet("selection", pflag.ContinueOnError)
	flags.StringSliceVar(&m.selection.Scenarios, "scenario", nil, "measure only these scenarios, by `name` (default all)")
	flags.IntSliceVar(&m.selection.N, "n", nil, "measure these `values` of N instead of each scenario's own")
	m.flags.AddFlagSet(flags)
	cmd.Flags().AddFlagSet(flags)
}

// addServerFlags adds the flags about how to measure, and on what.
func (m *measurement) addServerFlags(cmd *cobra.Command) {
	flags := pflag.NewFlagSet("measurement", pflag.ContinueOnError)
	defer func() { cmd.Flags().AddFlagSet(flags) }()
	m.flags = flags
	flags.IntVar(&m.repeat, "repeat", scenarios.MinRepeat, "how often to measure each count; all runs must agree")
	flags.BoolVar(&m.strict, "strict", false, "fail where a context is not passed on, even if the query can be attributed")
	m.server.add(flags)
}

func (m *measurement) addVersionFlag(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&m.selection.Versions, "version", nil, "measure only these versions, by `name` (default all)")
}

// check finds what is wrong with the flags before anything is started.
func (m *measurement) check(flags *pflag.FlagSet) error {
	for _, name := range []string{"version", "scenario", "n"} {
		if f := flags.Lookup(name); f != nil && f.Changed && f.Value.String() == "[]" {
			return fmt.Errorf("--%s selects nothing; leave it out to measure all", name)
		}
	}
	if m.repeat < scenarios.MinRepeat || m.repeat > maxRepeat {
		return fmt.Errorf("--repeat %d: it takes %d runs to tell that a count does not vary, and %d are enough",
			m.repeat, scenarios.MinRepeat, maxRepeat)
	}
	for _, n := range m.selection.N {
		if n < 0 || n > maxN {
			return fmt.Errorf("--n %d: N is from 0 to %d", n, maxN)
		}
	}
	return m.server.check(flags)
}

// cells returns the selected cells of path.
func (m *measurement) cells(cmd *cobra.Command, path *scenarios.Path) ([]scenarios.Cell, error) {
	if err := m.check(cmd.Flags()); err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	cells, err := m.selection.Cells(path)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	if len(cells) == 0 {
		return nil, exit.With(exit.NoData, errors.New("nothing selected: no scenario has such an N; see 'fanout-bench list'"))
	}
	return cells, nil
}

// measure measures cells of path. Cells that fail are reported to stderr as they
// come, and make the error; the results are those of the others, and of cells that ended
// otherwise than declared, which make an outcomeError. The server is gone when it returns.
func (m *measurement) measure(cmd *cobra.Command, path *scenarios.Path, cells []scenarios.Cell) (results []scenarios.Result, err error) {
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	defer func() {
		if ctx.Err() != nil {
			results, err = nil, interrupted(err)
		}
	}()

	server, err := m.server.open(ctx, stderr, "Measuring")
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := server.Close(); closeErr != nil {
			err = errors.Join(err, exit.With(exit.NotMeasured, &cleanupError{closeErr}))
		}
	}()
	show := newProgress(stderr)
	defer show.clear()
	runner := &scenarios.Runner{
		Server: server,
		Repeat: m.repeat,
		// The client waits for the server most of the time, and the other way
		// round; a given server may not have many connections to spare.
		Parallel: min(2*runtime.NumCPU(), 8),
		Stacks:   m.stacks,
		Strict:   m.strict,
	}
	failed, done := 0, 0
	m.failures = make(map[scenarios.Cell]string)
	show.step(0, len(cells), cells[0])
	measuring, probed := probe.Wanted(ctx, m.probes)
	m.probed = probed
	for result, err := range runner.Run(measuring, path, cells) {
		var cellErr *scenarios.CellError
		switch {
		case err == nil:
			results = append(results, result)
		case ctx.Err() != nil:
			return results, err
		case errors.As(err, &cellErr) && !errors.Is(err, scenarios.ErrServerGone):
			m.failures[cellErr.Cell] = term.Printable(server.Redacted(cellErr.Err), 0)
			if errors.Is(err, scenarios.ErrOutcome) {
				results = append(results, result)
			} else {
				failed++
			}
			show.clear()
			fmt.Fprintf(stderr, "FAILED %s\n", term.PrintableLines(server.Redacted(err)))
		default:
			return results, exit.With(exit.NotMeasured, errors.New(server.Redacted(err)))
		}
		if done++; done < len(cells) {
			show.step(done, len(cells), cells[done])
		}
	}
	if failed > 0 {
		return results, exit.With(exit.NotMeasured, fmt.Errorf("%d of %d cells could not be measured", failed, len(cells)))
	}
	if n := len(m.failures); n > 0 {
		return results, exit.With(exit.Regression, &outcomeError{n, len(cells)})
	}
	show.clear()
	fmt.Fprintf(stderr, "Measured %s %d times with the same counts.\n", term.Count(len(cells), "cell", "cells, each"), m.repeat)
	notes(stderr, results)
	firstRunNotes(stderr, report.NewFile(m.subject(path), results))
	return results, nil
}

// measureRows measures the selected cells of path and returns their rows.
func (m *measurement) measureRows(cmd *cobra.Command, path *scenarios.Path) (report.File, error) {
	cells, err := m.cells(cmd, path)
	if err != nil {
		return report.File{}, err
	}
	results, err := m.measure(cmd, path, cells)
	return m.rows(path, results), err
}

// subjectOf returns what results of path are about.
func subjectOf(path *scenarios.Path) report.Subject {
	subject := report.Subject{Name: path.Name, Reference: path.Reference}
	for _, v := range path.Versions {
		subject.Versions = append(subject.Versions, v.Name)
	}
	for _, s := range path.Scenarios {
		subject.Scenarios = append(subject.Scenarios, report.Scenario{Name: s.Name, Unit: s.Unit, Counting: s.Counting, Idle: s.Idle})
	}
	return subject
}

// subject returns what results of path are about, which is all of it unless flags select.
func (m *measurement) subject(path *scenarios.Path) report.Subject {
	subject := subjectOf(path)
	subject.Whole = len(m.selection.Versions)+len(m.selection.Scenarios)+len(m.selection.N) == 0
	return subject
}

// rows returns the rows of results, with their trees if recordings tell who asked.
func (m *measurement) rows(path *scenarios.Path, results []scenarios.Result) report.File {
	rows := report.NewFile(m.subject(path), results)
	for i, row := range rows.Rows {
		rows.Rows[i].Failure = m.failures[row.Cell()]
	}
	if m.stacks {
		rows.Trees = calltree.Trees(results)
	}
	return rows
}

// An outcomeError says that cells did not end as declared, and all were measured.
type outcomeError struct{ failed, of int }

func (e *outcomeError) Error() string {
	return fmt.Sprintf("%d of %s ended otherwise than declared", e.failed, term.Count(e.of, "cell", "cells"))
}

// A cleanupError says what was left behind.
type cleanupError struct{ error }

func (e *cleanupError) Unwrap() error { return e.error }

// interrupted is the error of a run that was interrupted. What else went wrong is
// the interrupt's doing, except for what was left behind.
func interrupted(err error) error {
	var left *cleanupError
	if errors.As(err, &left) {
		return fmt.Errorf("%w; %w", exit.ErrInterrupted, left)
	}
	return exit.ErrInterrupted
}

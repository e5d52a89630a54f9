package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

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

// These limits keep a typing mistake from taking hours.
const (
	maxN      = 10_000
	maxRepeat = 1_000
)

// A measurement has the flags and the state that all measuring commands share.
type measurement struct {
	selection selection.Selection
	runner    scenarios.Runner // as flags and the command say
	server    serverFlags
	proves    bool                      // whether to measure with each probe too
	probed    *probe.Runs               // these runs
	failures  map[scenarios.Cell]string // unexpected outcomes, and why cells could not be measured
}

// measuringFlags are the names of the flags of addFlags, but for those about the server.
var measuringFlags = []string{"n", "repeat", "scenario", "strict"}

// builtInFlags select what to measure of the built-in case, see leftOut.
var builtInFlags = slices.Concat(measuringFlags, []string{"version", "baseline"})

// addFlags adds the selection flags and those of addServerFlags.
func (m *measurement) addFlags(cmd *cobra.Command) {
	m.addServerFlags(cmd)
	cmd.Flags().StringSliceVar(&m.selection.Scenarios, "scenario", nil, "measure only these scenarios, by `name` (default all)")
	cmd.Flags().IntSliceVar(&m.selection.N, "n", nil, "measure these `values` of N instead of each scenario's own")
}

// addServerFlags adds the flags about the server and how to measure.
func (m *measurement) addServerFlags(cmd *cobra.Command) {
	cmd.Flags().IntVar(&m.runner.Repeat, "repeat", scenarios.MinRepeat, "number of runs of each measurement; all must agree")
	cmd.Flags().BoolVar(&m.runner.Strict, "strict", false, "fail if a context is not passed on, even if the query can be attributed")
	m.server.add(cmd.Flags())
}

func (m *measurement) addVersionFlag(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&m.selection.Versions, "version", nil, "measure only these versions, by `name` (default all)")
}

// check validates the flags before anything is started.
func (m *measurement) check(flags *pflag.FlagSet) error {
	for _, name := range []string{"version", "scenario", "n"} {
		if f := flags.Lookup(name); f != nil && f.Changed && f.Value.String() == "[]" {
			return fmt.Errorf("--%s selects nothing; remove it to measure all", name)
		}
	}
	if repeat := m.runner.Repeat; repeat < scenarios.MinRepeat || repeat > maxRepeat {
		return fmt.Errorf("--repeat %d: must be from %d to %d", repeat, scenarios.MinRepeat, maxRepeat)
	}
	for _, n := range m.selection.N {
		if n < 0 || n > maxN {
			return fmt.Errorf("--n %d: must be from 0 to %d", n, maxN)
		}
	}
	return m.server.check(flags)
}

// cells returns the selected measurements of path.
func (m *measurement) cells(cmd *cobra.Command, path *scenarios.Path) ([]scenarios.Cell, error) {
	if err := m.check(cmd.Flags()); err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	cells, err := m.selection.Cells(path)
	if err != nil {
		return nil, exit.With(exit.Usage, err)
	}
	if len(cells) == 0 {
		return nil, exit.With(exit.NoData, errors.New("nothing selected: no scenario has that N; see 'fanout-bench list'"))
	}
	return cells, nil
}

// measure measures cells of path and stops the server. It reports failed cells on stderr and in the
// error; an unexpected outcome is a regression and has a result.
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
	defer stop(server.Close, &err)
	show := newProgress(stderr)
	defer show.clear()
	m.runner.Server = server
	// Client and server mostly wait for each other. A given server may have few free connections.
	m.runner.Parallel = min(2*runtime.NumCPU(), 8)
	done := 0
	m.failures = make(map[scenarios.Cell]string)
	show.step(0, len(cells), cells[0])
	measuring := ctx
	if m.proves {
		measuring, m.probed = probe.Wanted(ctx, probe.All())
	}
	for result, err := range m.runner.Run(measuring, path, cells) {
		cellErr, ofCell := errors.AsType[*scenarios.CellError](err)
		switch {
		case err == nil:
			results = append(results, result)
		case ctx.Err() != nil:
			return results, err
		case ofCell && !errors.Is(err, scenarios.ErrServerGone):
			m.failures[cellErr.Cell] = term.Printable(server.Redacted(cellErr.Err), 0)
			if errors.Is(err, scenarios.ErrOutcome) {
				results = append(results, result)
			}
			show.clear()
			fmt.Fprintf(stderr, "FAILED %s\n", term.PrintableLines(server.Redacted(err)))
		case errors.Is(err, scenarios.ErrServerGone):
			return results, exit.With(exit.NotMeasured, errors.New(server.Redacted(err)+";\nthe rest was not measured: check the server and run again"))
		default:
			return results, exit.With(exit.NotMeasured, errors.New(server.Redacted(err)))
		}
		if done++; done < len(cells) {
			show.step(done, len(cells), cells[done])
		}
	}
	if failed := len(cells) - len(results); failed > 0 {
		return results, exit.With(exit.NotMeasured, fmt.Errorf("%d of %d measurements failed", failed, len(cells)))
	}
	if n := len(m.failures); n > 0 {
		return results, exit.With(exit.Regression, fmt.Errorf("%d of %s ended differently than declared",
			n, term.Count(len(cells), "measurement", "measurements")))
	}
	show.clear()
	fmt.Fprintf(stderr, "Took %s, each %d times with the same counts.\n", term.Count(len(cells), "measurement", "measurements"), m.runner.Repeat)
	notes(stderr, results)
	firstRunNotes(stderr, report.NewFile(m.subject(path), results))
	return results, nil
}

// measureRows takes the selected measurements of path.
func (m *measurement) measureRows(cmd *cobra.Command, path *scenarios.Path) (report.File, error) {
	cells, err := m.cells(cmd, path)
	if err != nil {
		return report.File{}, err
	}
	results, err := m.measure(cmd, path, cells)
	return m.rows(path, results), err
}

// subjectOf returns the subject of results of the whole path.
func subjectOf(path *scenarios.Path) report.Subject {
	subject := report.Subject{Name: path.Name, Reference: path.Reference}
	subject.Versions = namesOf(path.Versions, func(v scenarios.Version) string { return v.Name })
	for _, s := range path.Scenarios {
		subject.Scenarios = append(subject.Scenarios, report.Scenario{Name: s.Name, Unit: s.Unit, Counting: s.Counting, Idle: s.Idle})
	}
	return subject
}

// subject returns the subject of results of path, as selected by flags.
func (m *measurement) subject(path *scenarios.Path) report.Subject {
	subject := subjectOf(path)
	subject.Whole = len(m.selection.Versions)+len(m.selection.Scenarios)+len(m.selection.N) == 0
	return subject
}

// rows returns the rows of results, with call trees if recordings have stacks.
func (m *measurement) rows(path *scenarios.Path, results []scenarios.Result) report.File {
	rows := report.NewFile(m.subject(path), results)
	for i, row := range rows.Rows {
		rows.Rows[i].Failure = m.failures[row.Cell]
	}
	if m.runner.Stacks {
		rows.Trees = calltree.Trees(results)
	}
	return rows
}

// A cleanupError reports what could not be removed.
type cleanupError struct{ error }

// stop ends what a command started. What it cannot remove is added to err.
func stop(end func() error, err *error) {
	if endErr := end(); endErr != nil {
		left := cleanupError{fmt.Errorf("%w;\n'fanout-bench doctor --clean' removes temporary folders, "+
			"and with the same --database-url scratch databases", endErr)}
		*err = errors.Join(*err, exit.With(exit.NotMeasured, left))
	}
}

// interrupted returns the error of an interrupted run. It drops other errors, which the interrupt
// caused, except for a cleanupError.
func interrupted(err error) error {
	if left, found := errors.AsType[cleanupError](err); found {
		return fmt.Errorf("%w; %w", exit.ErrInterrupted, left)
	}
	return exit.ErrInterrupted
}

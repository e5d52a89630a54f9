package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/changes"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// ErrUnstable is in the error of a cell whose runs counted differently. The message lists
// what varied. Test a [*CellError] for it with errors.Is.
var ErrUnstable = errors.New("unstable: its runs counted differently")

// Why else a cell has no counts.
var (
	// errEmpty: there was nothing to count, which looks like a pass.
	errEmpty = errors.New("counted nothing: no statement and no check reached the Recorder; attach it to the pool that is used, pass the context on, and return when the work is done")
	// errNotIdle: a Scenario that is declared Idle is not.
	errNotIdle = errors.New("declared to reach neither database nor authorization, but did")
	// errOutcome: the work came to another outcome than Operation.Expect.
	errOutcome = errors.New("not the declared outcome")
	// errInnerScope: the operation calls tracer.Start or tracer.Count, as a middleware may,
	// and what it did within is not in its counts.
	errInnerScope = errors.New("counted by a scope or counter that the measured code started itself; leave that out of what is measured")
	// errUnattributed: there was work that belongs to no run. The message lists it.
	errUnattributed = errors.New("work outside the measured context; pass the context on to it")
	// errLeakedContext is only one under Runner.Strict.
	errLeakedContext = errors.New("a context was not passed on; its connection told where the work belongs")
	// errOtherRecorder is one of Runner.Measure, whose caller provides the Recorder.
	errOtherRecorder = errors.New("counted by another Recorder than the one given, which no connection was opened with; use the one of the pool")
)

// ErrServerGone ends a run: no further cell could be measured. It is not one of a
// [*CellError].
var ErrServerGone = errors.New("the server is gone")

// A CellError says why a cell could not be measured.
type CellError struct {
	Cell Cell
	Err  error
}

func (e *CellError) Error() string { return e.Cell.String() + ": " + e.Err.Error() }
func (e *CellError) Unwrap() error { return e.Err }

// verdict requires that the runs of a cell agree and are not blind.
func verdict(runs []tracer.Counts, idle bool) error {
	for _, c := range runs[1:] {
		if !c.Equal(runs[0]) {
			return fmt.Errorf("%w: %s", ErrUnstable, varying(runs))
		}
	}
	switch nothing := runs[0].SQL == 0 && runs[0].RBAC == 0; {
	case nothing && !idle:
		return errEmpty
	case !nothing && idle:
		return fmt.Errorf("%w: %d statements, %d checks", errNotIdle, runs[0].SQL, runs[0].RBAC)
	}
	return nil
}

// varying lists what differs between the runs, with its count in each: the
// statements and checks that vary, else the totals.
func varying(runs []tracer.Counts) string {
	seen := map[string]bool{}
	var parts []string
	note := func(list []changes.Change, count func(tracer.Counts, string) int) {
		for _, change := range list {
			if seen[change.Name] {
				continue
			}
			seen[change.Name] = true
			var each []string
			for _, run := range runs {
				each = append(each, fmt.Sprint(count(run, change.Name)))
			}
			parts = append(parts, change.Name+" "+strings.Join(each, ", "))
		}
	}
	for _, run := range runs[1:] {
		statements, checks, _ := changes.Between(runs[0], run)
		note(statements, func(c tracer.Counts, name string) int { return c.Statements[name] })
		note(checks, func(c tracer.Counts, name string) int { return c.Checks[name] })
	}
	if len(parts) == 0 {
		for _, run := range runs[1:] {
			_, _, metrics := changes.Between(runs[0], run)
			note(metrics, func(c tracer.Counts, name string) int { return tracer.Metric(name).Of(c) })
		}
	}
	return strings.Join(parts, "; ")
}

// leaked returns the work whose context did not bring it to the operation.
func leaked(r tracer.Recording) error {
	leaks := r.Leaks()
	if len(leaks) == 0 {
		return nil
	}
	var parts []string
	for _, l := range leaks {
		parts = append(parts, l.String())
	}
	return fmt.Errorf("%w: %s", errLeakedContext, strings.Join(parts, "; "))
}

// unattributed returns what no scope got since before.
func unattributed(r *tracer.Recorder, before []tracer.Unattributed) error {
	known := make(map[tracer.Unattributed]int)
	for _, u := range before {
		n := u.Count
		u.Count = 0
		known[u] = n
	}
	var parts []string
	for _, u := range r.Unattributed() {
		n := u.Count
		u.Count = 0
		if n -= known[u]; n > 0 {
			u.Count = n
			parts = append(parts, u.String())
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", errUnattributed, strings.Join(parts, "; "))
}

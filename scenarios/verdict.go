package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/strays"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// ErrUnstable is wrapped by the [*CellError] of a cell whose runs have different counts. The
// message lists what varies and its lines.
var ErrUnstable = errors.New("unstable: its runs counted differently")

// ErrOutcome is wrapped by the error of a cell whose work has another outcome than
// [Operation.Expect]. The result has the outcome and the counts of that run.
var ErrOutcome = errors.New("not the declared outcome")

// Why else a cell has no counts.
var (
	// errEmpty: there was nothing to count, which looks like a pass.
	errEmpty   = errors.New("counted nothing: no statement and no check reached the Recorder. Attach it to the pool that Run uses, or wrap a driver other than pgx with Recorder.Connector; pass the context on; return only when the work is done")
	errNotIdle = errors.New("the scenario is declared Idle, but it reached the database or the authorization layer")
	// errInnerScope: the operation calls tracer.Start or tracer.Count, for example in a middleware.
	errInnerScope = errors.New("the measured code started its own scope or counter, which took the counts; measure without it")
	// errLeakedContext occurs only with Runner.Strict.
	errLeakedContext = errors.New("a context was not passed on; the work was attributed by its connection")
	// errOtherRecorder occurs only in Runner.Measure, whose caller provides the Recorder.
	errOtherRecorder = errors.New("the Recorder is not attached to the pool that ran the statements; use the Recorder of that pool")
)

// ErrServerGone ends a run, because no further cell can be measured. It is not in a
// [*CellError].
var ErrServerGone = errors.New("the server no longer answers")

// A CellError says why a cell could not be measured.
type CellError struct {
	Cell Cell
	Err  error
}

func (e *CellError) Error() string { return e.Cell.String() + ": " + e.Err.Error() }
func (e *CellError) Unwrap() error { return e.Err }

// verdict requires that the runs of a cell agree and that all work was counted.
func verdict(runs []counted, idle bool) error {
	for _, c := range runs[1:] {
		if !c.Equal(runs[0].Counts) {
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

// leaked returns the work that was attributed without its context.
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

// unattributed returns the error that found is, if it is not empty. shared: others may use
// the same pools.
func unattributed(found map[beside.Stray]int, shared bool) error {
	var parts []string
	add := func(what string, work []string, advice string) {
		if len(work) == 0 {
			return
		}
		text := what + ": " + strings.Join(work, "; ")
		if shared {
			text += advice
		}
		parts = append(parts, text)
	}
	outside, late := strays.Texts(found)
	add(beside.ErrUnattributed.Error(), outside, ". Behind a network hop or in a worker, use tracer.Join. If others use the pool at the same time, set Shared or add their statements to Ignore")
	add("work went on after Run returned, or Setup; make it wait", late, "; "+beside.LivesOn)
	if len(parts) == 0 {
		return nil
	}
	return &strayError{strings.Join(parts, "; and ")}
}

// A strayError is beside.ErrUnattributed in other words.
type strayError struct{ text string }

func (e *strayError) Error() string { return e.text }
func (e *strayError) Unwrap() error { return beside.ErrUnattributed }

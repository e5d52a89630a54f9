package scenarios

import (
	"cmp"
	"context"
	"errors"
	"maps"

	"github.com/fanout-bench/fanout-bench/internal/beside"
)

// Measure measures one cell on pools of the caller. env.Recorder is required and counts the
// pools that the operation uses. env.Pool and env.Fixtures are for the Setup of sc and may be
// nil if Setup does not need them. Measure ignores Server, Parallel, MaxConns and Stacks of r.
// If others use the same pools, see Shared. The error is a [*CellError].
func (r *Runner) Measure(ctx context.Context, sc Scenario, env Env) (Result, error) {
	cell := Cell{Scenario: sc.Name, N: env.N, Version: env.Version}
	err := r.checkRepeat()
	switch {
	case env.Recorder == nil:
		err = errors.New("field Recorder of Env is nil; set the Recorder of the pool")
	case sc.Setup == nil:
		err = errors.New("the scenario has no Setup")
	}
	if err != nil {
		return Result{}, &CellError{Cell: cell, Err: err}
	}
	var (
		balance = beside.Balance(env.Recorder)
		setup   = sc.Setup
	)
	// From here on: what others do in the background is to be found whenever they do it.
	before, given := beside.Since(ctx)
	if !given {
		before = beside.Strays(env.Recorder)
	}
	sc.Setup = func(ctx context.Context, env Env) (op Operation, err error) {
		beside.Setup(func() { op, err = setup(ctx, env) })
		return op, err
	}
	strays := func() error {
		// What nobody can tell the scope of is missing in some run, whose counts mean nothing.
		if b := beside.Balance(env.Recorder); beside.Rivals(b) > beside.Rivals(balance) {
			return beside.ErrSince(b, balance)
		}
		if r.Shared {
			return nil
		}
		found := beside.StraysSince(env.Recorder, before, r.Ignore)
		// What Setup does is not counted, whatever its context.
		maps.DeleteFunc(found, func(s beside.Stray, _ int) bool { return s.Setup })
		return unattributed(found, true)
	}
	result, err := r.repeat(ctx, prepared{cell: cell, scenario: sc, env: env, strays: strays})
	if err == nil || errors.Is(err, errEmpty) {
		b := beside.Balance(env.Recorder)
		err = cmp.Or(beside.ErrSince(b, balance), err) // the sums are those of everybody
		if err == nil && result.Counts().SQL > 0 && beside.Connections(b) == 0 {
			err = errOtherRecorder
		}
	}
	if err != nil {
		err = &CellError{Cell: cell, Err: err}
		if !errors.Is(err, ErrOutcome) {
			result = Result{}
		}
	}
	return result, err
}

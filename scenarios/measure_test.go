package scenarios_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// itemsPool returns a pool of the caller's, as Measure takes it, with the table of items.
func itemsPool(t *testing.T, attach func(*pgx.ConnConfig)) *pgxpool.Pool {
	t.Helper()
	config := pgtest.Pool(t, schema).Config()
	attach(config.ConnConfig)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	must.Succeed(t, err)
	t.Cleanup(pool.Close)
	return pool
}

func TestMeasure(t *testing.T) {
	astray := func(ctx context.Context, env scenarios.Env) error {
		return errors.Join(selectItems(ctx, env), selectItems(context.Background(), env))
	}
	for _, test := range []struct {
		name      string
		runner    scenarios.Runner
		setup     func(ctx context.Context, env scenarios.Env) error // nil: stores nothing
		run       func(ctx context.Context, env scenarios.Env) error
		other     bool // the pool has another Recorder
		sql, rbac int
		is        error
		mentions  string
	}{
		{name: "statements", run: selectItems, sql: 1},
		{name: "checks, on no pool", run: checkItems, other: true, rbac: 1},
		{name: "setup without its context", setup: func(_ context.Context, env scenarios.Env) error { return selectItems(context.Background(), env) },
			run: selectItems, sql: 1},
		{name: "setup fails", setup: func(context.Context, scenarios.Env) error { return errors.New("disk full") },
			run: selectItems, mentions: "setup: disk full"},
		{name: "the context is lost", run: astray, is: beside.ErrUnattributed, mentions: "ListItems ×1"},
		{name: "the context is lost, of setup too", setup: astray, run: astray, is: beside.ErrUnattributed, mentions: "ListItems ×1"},
		{name: "of others", runner: scenarios.Runner{Shared: true}, run: astray, sql: 1},
		{name: "every statement fails", run: func(ctx context.Context, env scenarios.Env) error {
			_, _ = env.Pool.Exec(ctx, "SELECT 1/0")
			return nil
		}, sql: 1},
		{name: "another recorder", run: selectItems, other: true, is: scenarios.ErrOtherRecorder},
		{name: "the work fails", run: func(context.Context, scenarios.Env) error { return errors.New("no such item") }, mentions: "first run, not counted: no such item"},
	} {
		t.Run(test.name, func(t *testing.T) {
			recorder := &tracer.Recorder{}
			attach := recorder.Attach
			if test.other {
				attach = (&tracer.Recorder{}).Attach
			}
			env := scenarios.Env{Version: "v1", N: 3, Recorder: recorder, Pool: itemsPool(t, attach)}
			sc := scenarios.Scenario{Name: "items", Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
				if test.setup != nil {
					if err := test.setup(ctx, env); err != nil {
						return scenarios.Operation{}, err
					}
				}
				return scenarios.Operation{Run: func(ctx context.Context) error { return test.run(ctx, env) }}, nil
			}}
			result, err := test.runner.Measure(t.Context(), sc, env)
			cell := scenarios.Cell{Scenario: "items", N: 3, Version: "v1"}
			if test.is != nil || test.mentions != "" {
				var cellErr *scenarios.CellError
				if !errors.As(err, &cellErr) || cellErr.Cell != cell || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.mentions) {
					t.Errorf("got error %v, want a *CellError: %v that mentions %q", err, test.is, test.mentions)
				}
				return
			}
			if c := result.Recording.Counts(); err != nil || result.Cell != cell || result.Outcome != "ok" || c.SQL != test.sql || c.RBAC != test.rbac {
				t.Errorf("got %+v, %v; want %d statements and %d checks", result, err, test.sql, test.rbac)
			}
		})
	}
}

// What the caller of Measure leaves out is an error of the cell, and no panic.
func TestMeasureWithout(t *testing.T) {
	idle := running(func(context.Context, scenarios.Env) error { return nil })
	for says, c := range map[string]struct {
		runner   scenarios.Runner
		scenario scenarios.Scenario
		env      scenarios.Env
	}{
		"field Recorder of Env is nil":    {scenario: scenarios.Scenario{Name: "items", Setup: idle}},
		"the scenario has no Setup":       {scenario: scenarios.Scenario{Name: "items"}, env: scenarios.Env{Recorder: &tracer.Recorder{}}},
		"field Repeat of the Runner is 2": {scenarios.Runner{Repeat: 2}, scenarios.Scenario{Name: "items", Setup: idle}, scenarios.Env{Recorder: &tracer.Recorder{}}},
	} {
		_, err := c.runner.Measure(t.Context(), c.scenario, c.env)
		var cell *scenarios.CellError
		if !errors.As(err, &cell) || cell.Cell.Scenario != "items" || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want an error of the cell that says %q", err, says)
		}
	}
}

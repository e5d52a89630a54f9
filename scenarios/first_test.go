package scenarios_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// caching reads three items once, and then only checks that they are unchanged.
func caching(ctx context.Context, env scenarios.Env, cached *bool) error {
	if !*cached {
		*cached = true
		for range 3 {
			if err := errors.Join(selectItems(ctx, env), checkItems(ctx, env)); err != nil {
				return err
			}
		}
	}
	_, err := env.Pool.Exec(ctx, "-- name: Version :one\nSELECT 1")
	return err
}

// setUp makes a Setup whose operation has an empty cache.
func setUp(f func(ctx context.Context, env scenarios.Env, cached *bool) error) func(context.Context, scenarios.Env) (scenarios.Operation, error) {
	return func(_ context.Context, env scenarios.Env) (scenarios.Operation, error) {
		var cached bool
		return scenarios.Operation{Run: func(ctx context.Context) error { return f(ctx, env, &cached) }}, nil
	}
}

func TestFirstRun(t *testing.T) {
	for _, test := range []struct {
		name      string
		setup     func(context.Context, scenarios.Env) (scenarios.Operation, error)
		cold      bool
		first     *tracer.Counts // of which statements and checks matter
		sql, rbac int
		says      string // it cannot be measured
	}{
		{name: "nothing is kept", setup: running(selectItems), sql: 1},
		{name: "a cache", setup: setUp(caching), first: &tracer.Counts{SQL: 4, RBAC: 3}, sql: 1},
		{name: "a cache of checks", setup: setUp(func(ctx context.Context, env scenarios.Env, cached *bool) error {
			if !*cached {
				*cached = true
				return errors.Join(selectItems(ctx, env), checkItems(ctx, env))
			}
			return selectItems(ctx, env)
		}), first: &tracer.Counts{SQL: 1, RBAC: 1}, sql: 1},
		{name: "the first run costs less", setup: setUp(func(ctx context.Context, env scenarios.Env, cached *bool) error {
			if *cached {
				return errors.Join(selectItems(ctx, env), selectItems(ctx, env))
			}
			*cached = true
			return selectItems(ctx, env)
		}), first: &tracer.Counts{SQL: 1}, sql: 2},
		{name: "all is cached", setup: setUp(func(ctx context.Context, env scenarios.Env, cached *bool) error {
			if *cached {
				return nil
			}
			*cached = true
			return errors.Join(selectItems(ctx, env), checkItems(ctx, env))
		}), says: "the first run executed 1 statements and made 1 checks, and left something behind, such as a cache or changed data"},
		{name: "cold", setup: setUp(caching), cold: true, sql: 4, rbac: 3},
		{name: "cold, with a cache that survives", setup: func() func(context.Context, scenarios.Env) (scenarios.Operation, error) {
			var cached bool
			return running(func(ctx context.Context, env scenarios.Env) error { return caching(ctx, env, &cached) })
		}(), cold: true, says: "ListItems 3, 0, 0; read item 3, 0, 0; with Cold each run must be a first run: Setup must recreate"},
		{name: "cold, and Setup fails", setup: func(context.Context, scenarios.Env) (scenarios.Operation, error) {
			return scenarios.Operation{}, errors.New("disk full")
		}, cold: true, says: "counted run 1: setup: disk full"},
	} {
		t.Run(test.name, func(t *testing.T) {
			recorder := &tracer.Recorder{}
			env := scenarios.Env{Version: "v1", N: 3, Recorder: recorder, Pool: itemsPool(t, recorder.Attach)}
			runner := &scenarios.Runner{Cold: test.cold}
			result, err := runner.Measure(t.Context(), scenarios.Scenario{Name: "items", Setup: test.setup}, env)
			if test.says != "" {
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got error %v, want one that says %q", err, test.says)
				}
				return
			}
			must.Succeed(t, err)
			if c := result.Counts(); c.SQL != test.sql || c.RBAC != test.rbac {
				t.Errorf("%d statements and %d checks are measured, want %d and %d", c.SQL, c.RBAC, test.sql, test.rbac)
			}
			switch first := result.First; {
			case (first == nil) != (test.first == nil):
				t.Errorf("the first run: got %+v, want %+v", first, test.first)
			case first != nil && (first.SQL != test.first.SQL || first.RBAC != test.first.RBAC):
				t.Errorf("the first run: %d statements and %d checks, want %d and %d", first.SQL, first.RBAC, test.first.SQL, test.first.RBAC)
			}
		})
	}
}

// Work that only a new connection needs does not count as work of the first run.
func TestFirstRunOnNewConnections(t *testing.T) {
	recorder := &tracer.Recorder{}
	config := pgtest.Pool(t, schema+"; CREATE TYPE color AS ENUM ('red')").Config()
	recorder.Attach(config.ConnConfig)
	config.MinConns = 0
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "SET statement_timeout = '10s'"); err != nil {
			return err
		}
		loaded, err := conn.LoadTypes(ctx, []string{"color"})
		conn.TypeMap().RegisterTypes(loaded)
		return err
	}
	config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) {
		if conn.PgConn().CustomData()["prepared"] == nil {
			conn.PgConn().CustomData()["prepared"] = true
			_, err := conn.Exec(ctx, "SET application_name = 'orders'")
			return true, err
		}
		return true, nil
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	must.Succeed(t, err)
	t.Cleanup(pool.Close)
	env := scenarios.Env{Version: "v1", N: 3, Recorder: recorder, Pool: pool}
	result, err := (&scenarios.Runner{}).Measure(t.Context(), scenarios.Scenario{Name: "items", Setup: running(func(ctx context.Context, env scenarios.Env) error {
		var color string
		return errors.Join(selectItems(ctx, env), env.Pool.QueryRow(ctx, "SELECT $1::color", "red").Scan(&color))
	})}, env)
	if err != nil || result.First != nil || result.Counts().SQL != 2 {
		t.Errorf("the first run: %+v; it is measured as %+v, %v", result.First, result.Counts(), err)
	}
}

// Runs with probes are first runs too. Otherwise the gate would not notice the added work.
func TestProbesCold(t *testing.T) {
	recorder := &tracer.Recorder{}
	env := scenarios.Env{Version: "v1", N: 2, Recorder: recorder, Pool: itemsPool(t, recorder.Attach)}
	ctx, runs := probe.Wanted(t.Context(), probe.All())
	result, err := (&scenarios.Runner{Cold: true}).Measure(ctx, scenarios.Scenario{Name: "items", Setup: setUp(caching)}, env)
	must.Succeed(t, err)
	for p, want := range map[probe.Probe]int{{}: 5, {PerN: true}: 6, {Check: true}: 4} {
		if recording, ok := runs.Of(result.Cell, p); !ok || recording.Counts().SQL != want {
			t.Errorf("%v: %t, %d statements, want %d", p, ok, recording.Counts().SQL, want)
		}
	}
}

package scenarios_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

//go:noinline
func housekeeping(ctx context.Context, env scenarios.Env) error {
	batch := &pgx.Batch{}
	batch.Queue("-- name: Elect :exec\nSELECT 1")
	batch.Queue("-- name: Clean :exec\nSELECT 2")
	return errors.Join(
		env.Pool.SendBatch(ctx, batch).Close(),
		pgx.BeginFunc(ctx, env.Pool, func(pgx.Tx) error { return selectItems(ctx, env) }),
		checkItems(ctx, env),
	)
}

// TestIgnore checks that exactly the ignored work is missing from the counts.
func TestIgnore(t *testing.T) {
	elect := func(ctx context.Context, env scenarios.Env) error {
		_, err := env.Pool.Exec(ctx, "-- name: Elect :exec\nSELECT $1::int", 1)
		return err
	}
	both := func(ctx context.Context, env scenarios.Env) error {
		return errors.Join(selectItems(ctx, env), elect(ctx, env), selectItems(ctx, env))
	}
	const function = "github.com/fanout-bench/fanout-bench/scenarios_test.housekeeping"
	for _, c := range []struct {
		name    string
		ignore  []string
		run     func(ctx context.Context, env scenarios.Env) error
		want    tracer.Counts // without what it is by name
		ignored int
		fails   error
	}{
		{name: "nothing", run: both, want: tracer.Counts{SQL: 3, RoundTrips: 3, Acquires: 3}},
		{name: "another name", ignore: []string{"Elec"}, run: both, want: tracer.Counts{SQL: 3, RoundTrips: 3, Acquires: 3}},
		{name: "a name", ignore: []string{"Elect"}, run: both, want: tracer.Counts{SQL: 2, RoundTrips: 2, Acquires: 2}, ignored: 1},
		{name: "one of a batch, and a check", ignore: []string{"Elect", "read item"}, run: housekeeping,
			want: tracer.Counts{SQL: 2, RoundTrips: 4, Acquires: 3, Tx: 2}, ignored: 2},
		{name: "all of a batch", ignore: []string{"Elect", "Clean"}, run: housekeeping,
			want: tracer.Counts{SQL: 1, RBAC: 1, RoundTrips: 3, Acquires: 2, Tx: 2}, ignored: 2},
		{name: "a function", ignore: []string{function}, run: func(ctx context.Context, env scenarios.Env) error {
			return errors.Join(housekeeping(ctx, env), both(ctx, env))
		}, want: tracer.Counts{SQL: 3, RoundTrips: 3, Acquires: 3}, ignored: 4},
		{name: "everything", ignore: []string{"ListItems", "Elect"}, run: both, fails: scenarios.ErrEmpty},
		{name: "outside of the context", ignore: []string{"Elect"}, run: func(ctx context.Context, env scenarios.Env) error {
			return errors.Join(selectItems(ctx, env), elect(context.Background(), env))
		}, want: tracer.Counts{SQL: 1, RoundTrips: 1, Acquires: 1}},
		{name: "outside of the context, by function", ignore: []string{"github.com/fanout-bench/fanout-bench/scenarios_test.checkItems"},
			run: func(ctx context.Context, env scenarios.Env) error {
				return errors.Join(selectItems(ctx, env), checkItems(context.Background(), env))
			}, want: tracer.Counts{SQL: 1, RoundTrips: 1, Acquires: 1}},
		{name: "outside of the context, another", ignore: []string{"Elect"}, run: func(ctx context.Context, env scenarios.Env) error {
			return errors.Join(selectItems(context.Background(), env), selectItems(ctx, env))
		}, fails: beside.ErrUnattributed},
	} {
		t.Run(c.name, func(t *testing.T) {
			runner := &scenarios.Runner{Server: pgtest.Server(t), Ignore: c.ignore, Stacks: true}
			result, err := measured(t, runner, path(scenarios.Scenario{Setup: running(c.run)}))
			if c.fails != nil {
				if !errors.Is(err, c.fails) {
					t.Errorf("got %v, want %v", err, c.fails)
				}
				return
			}
			got := result.Counts()
			if err != nil || result.Ignored != c.ignored || got.SQL != c.want.SQL || got.RBAC != c.want.RBAC ||
				got.RoundTrips != c.want.RoundTrips || got.Acquires != c.want.Acquires || got.Tx != c.want.Tx {
				t.Errorf("got %+v, %d ignored, %v; want %+v", got, result.Ignored, err, c.want)
			}
			for i, e := range result.Recording.Events {
				if e.Parent >= i || slices.Contains(c.ignore, e.Name) {
					t.Errorf("event %d: %+v", i, e)
				}
			}
		})
	}
}

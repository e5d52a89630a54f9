package scenarios

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// crossCheck returns a function to be called after a run, which holds its recording
// against what the server's own statistics have counted since. Statements that are
// neither queries nor INSERT, UPDATE, DELETE or MERGE are left out: a prepared one of
// them is counted once however often it is executed. So are those that failed, which
// the statistics do not have.
func (r *Runner) crossCheck(ctx context.Context, fixtures *pgxpool.Pool) (func(context.Context, tracer.Recording) error, error) {
	if !r.CrossCheck {
		return func(context.Context, tracer.Recording) error { return nil }, nil
	}
	if _, err := fixtures.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"); err != nil {
		return nil, unavailable(err)
	}
	before, err := executions(ctx, fixtures)
	if err != nil {
		return nil, unavailable(err)
	}
	return func(ctx context.Context, recording tracer.Recording) error {
		after, err := executions(ctx, fixtures)
		if err != nil {
			return unavailable(err)
		}
		want := 0
		for _, e := range recording.Events {
			switch e.Kind {
			case tracer.Query, tracer.Setup:
				if !e.Utility && (e.Outcome == tracer.Done || e.Outcome == tracer.Unread) {
					want++
				}
			}
		}
		// What is hidden from pgx may be a ping, of which there are no statistics.
		if got := after - before; got < want || got > want+recording.Hidden.Statements {
			return fmt.Errorf("%w: %d statements, and the tracer %d", ErrCrossCheck, got, want)
		}
		return nil
	}, nil
}

// executions returns how often statements were executed on the database so far, those
// of this function left out.
func executions(ctx context.Context, pool *pgxpool.Pool) (int, error) {
	rows, err := pool.Query(ctx, `
		SELECT query, calls FROM pg_stat_statements
		WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND query NOT LIKE '%pg_stat_statements%'`)
	if err != nil {
		return 0, err
	}
	type statement struct {
		Query string
		Calls int
	}
	statements, err := pgx.CollectRows(rows, pgx.RowToStructByPos[statement])
	sum := 0
	for _, s := range statements {
		if !tracer.IsUtility(s.Query) {
			sum += s.Calls
		}
	}
	return sum, err
}

// unavailable says what to do where there are no statistics.
func unavailable(err error) error {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return fmt.Errorf("cross-check: %w", err)
	}
	switch pgErr.Code {
	case "55000":
		return fmt.Errorf("cross-check: the server has not loaded pg_stat_statements; add it to shared_preload_libraries: %w", err)
	case "42501":
		return fmt.Errorf("cross-check: the role may not create the extension pg_stat_statements; use one that may: %w", err)
	}
	return fmt.Errorf("cross-check: %w", err)
}

package tracer_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// record runs work in a scope.
func record(t testing.TB, work func(ctx context.Context)) tracer.Recording {
	t.Helper()
	ctx, scope := tracer.Start(t.Context(), t.Name())
	work(ctx)
	return scope.End()
}

// query reports an executed statement to r, as pgx does.
func query(ctx context.Context, r pgx.QueryTracer, sql string, args ...any) {
	ctx = r.TraceQueryStart(ctx, nil, pgx.TraceQueryStartData{SQL: sql, Args: args})
	r.TraceQueryEnd(ctx, nil, pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 1")})
}

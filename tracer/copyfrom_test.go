package tracer_test

import (
	"context"
	"maps"
	"testing"

	"github.com/jackc/pgx/v5"
)

func copyItems(ctx context.Context, db database, table string, rows ...[]any) error {
	_, err := db.CopyFrom(ctx, pgx.Identifier{table}, []string{"id", "name"}, pgx.CopyFromRows(rows))
	return err
}

func TestCopyFrom(t *testing.T) {
	const pool = "acquires=1 max_held=1"
	runServerCases(t, []serverCase{
		{
			name: "any number of rows",
			run: func(t *testing.T, ctx context.Context, db database) {
				must(t, copyItems(ctx, db, "item", []any{1, "a"}, []any{2, "b"}))
			},
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: pool,
			events: "copy done, prepare done",
		},
		{
			name: "two copies are never the same work",
			run: func(t *testing.T, ctx context.Context, db database) {
				for range 2 {
					must(t, copyItems(ctx, db, "item"))
				}
			},
			counts: "sql=2 sql_unique=2 round_trips=3 prepare=1", pool: "acquires=2 max_held=1",
			events: "copy done, prepare done, copy done",
		},
		{
			name: "unknown table",
			run: func(t *testing.T, ctx context.Context, db database) {
				mustFail(t, copyItems(ctx, db, "missing", []any{1, "a"}))
			},
			counts: "round_trips=1 prepare=1", pool: pool,
			events: "copy not sent, prepare failed",
		},
		{
			name: "constraint violation",
			run: func(t *testing.T, ctx context.Context, db database) {
				mustFail(t, copyItems(ctx, db, "item", []any{1, "a"}, []any{1, "b"}))
			},
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: pool,
			events: "copy failed, prepare done",
		},
		{
			name: "value that cannot be encoded",
			run: func(t *testing.T, ctx context.Context, db database) {
				mustFail(t, copyItems(ctx, db, "item", []any{struct{}{}, "a"}))
			},
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: pool,
			events: "copy failed, prepare done", // the server aborts a copy it has begun
		},
		{
			name: "context canceled before",
			run: func(t *testing.T, ctx context.Context, db database) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				mustFail(t, copyItems(ctx, db, "item", []any{1, "a"}))
			},
			events: "copy not sent, prepare not sent",
		},
	})
}

func TestCopyFromName(t *testing.T) {
	pool, _ := recordedPool(t, nil)
	counts := record(t, func(ctx context.Context) { must(t, copyItems(ctx, pool, "item")) }).Counts()
	if want := map[string]int{`COPY "item"`: 1}; !maps.Equal(counts.Statements, want) {
		t.Errorf("Statements = %v, want %v", counts.Statements, want)
	}
}

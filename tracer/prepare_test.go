package tracer_test

import (
	"context"
	"maps"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestExplicitPrepare(t *testing.T) {
	runServerCases(t, []serverCase{{
		name: "prepared twice, used twice",
		run: func(t *testing.T, ctx context.Context, db database) {
			for range 2 {
				_, err := db.(*pgx.Conn).Prepare(ctx, "find", selectOne)
				must(t, err)
				_, err = db.Exec(ctx, "find", 1)
				must(t, err)
			}
		},
		counts: "sql=2 sql_unique=1 round_trips=3 prepare=1",
		events: "prepare done, query done, prepare not sent, query done",
	}})
}

// pgx shows a statement that was prepared by name as that name.
func TestPreparedNameIsResolved(t *testing.T) {
	pool, _ := recordedPool(t, nil)
	conn, err := pool.Acquire(t.Context())
	must(t, err)
	defer conn.Release()
	_, err = conn.Conn().Prepare(t.Context(), "ps1", "-- name: FindItem :one\n"+selectOne)
	must(t, err)

	counts := record(t, func(ctx context.Context) {
		_, err := conn.Exec(ctx, "ps1", 1)
		must(t, err)
	}).Counts()
	if want := map[string]int{"FindItem": 1}; !maps.Equal(counts.Statements, want) {
		t.Errorf("Statements = %v, want %v", counts.Statements, want)
	}
}

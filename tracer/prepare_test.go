package tracer_test

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"strings"
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
				run(t, ctx, db, "find", 1)
			}
		},
		counts: "sql=2 sql_unique=1 round_trips=3 prepare=1",
		events: "prepare done, query done, prepare not sent, query done",
	}})
}

// pgx reports a named prepared statement by its name.
func TestPreparedNameIsResolved(t *testing.T) {
	pool, _ := recordedPool(t, nil)
	conn, err := pool.Acquire(t.Context())
	must(t, err)
	defer conn.Release()
	_, err = conn.Conn().Prepare(t.Context(), "ps1", "-- name: FindItem :one\n"+selectOne)
	must(t, err)

	counts := record(t, func(ctx context.Context) {
		run(t, ctx, conn, "ps1", 1)
	}).Counts()
	if want := map[string]int{"FindItem": 1}; !maps.Equal(counts.Statements, want) {
		t.Errorf("Statements = %v, want %v", counts.Statements, want)
	}
}

// Exactly the deallocated names are forgotten.
func TestDeallocatedNamesAreForgotten(t *testing.T) {
	for name, deallocate := range map[string]func(conn *pgx.Conn, name string) error{
		"by name": func(conn *pgx.Conn, name string) error { return conn.Deallocate(t.Context(), name) },
		"all": func(conn *pgx.Conn, _ string) error {
			if err := conn.DeallocateAll(t.Context()); err != nil {
				return err
			}
			_, err := conn.Prepare(t.Context(), "kept", "-- name: Kept :one\n"+selectOne)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			conn, r := recordedConn(t, schema, nil)
			_, err := conn.Prepare(t.Context(), "kept", "-- name: Kept :one\n"+selectOne)
			must(t, err)
			const rounds, size = 100, 100_000
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for i := range rounds {
				name := fmt.Sprint("statement ", i)
				_, err := conn.Prepare(t.Context(), name, selectOne+strings.Repeat(" ", size))
				must(t, err)
				must(t, deallocate(conn, name))
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			if kept := int(after.HeapAlloc) - int(before.HeapAlloc); kept > rounds*size/10 {
				t.Errorf("%d B are kept of statements that were deallocated, which had %d", kept, rounds*size)
			}
			counts := record(t, func(ctx context.Context) { run(t, ctx, conn, "kept", 1) }).Counts()
			if want := map[string]int{"Kept": 1}; !maps.Equal(counts.Statements, want) {
				t.Errorf("Statements = %v, want %v", counts.Statements, want)
			}
			balanced(t, r)
		})
	}
}

// A connection forgets large texts first, so small statements are not affected by others.
func TestLargePreparesAreForgottenFirst(t *testing.T) {
	conn, _ := recordedConn(t, schema, nil)
	prepare := func(name, sql string) {
		_, err := conn.Prepare(t.Context(), name, sql)
		must(t, err)
	}
	prepare("hot", "-- name: Hot :one\n"+selectOne)
	for _, size := range []int{1 << 20, 3 << 20, 9 << 20, 20 << 20} {
		for i := range 9 {
			prepare(fmt.Sprint("large ", size, i), selectOne+strings.Repeat(" ", size))
			if size > 3<<20 {
				break
			}
		}
		prepare(fmt.Sprint("new ", size), "-- name: New :one\n"+selectOne)
		counts := record(t, func(ctx context.Context) {
			for range 2 {
				run(t, ctx, conn, "hot", 1)
				run(t, ctx, conn, fmt.Sprint("new ", size), 1)
			}
		}).Counts()
		if want := map[string]int{"Hot": 2, "New": 2}; !maps.Equal(counts.Statements, want) || counts.SQLUnique != 2 {
			t.Errorf("after some of %d bytes: statements %v, of which %d are unique, want %v and 2", size, counts.Statements, counts.SQLUnique, want)
		}
	}
}

package tracer_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

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
			prepare(t, t.Context(), conn, "kept", "-- name: Kept :one\n"+selectOne)
			const rounds, size = 100, 100_000
			if got := kept(func() {
				for i := range rounds {
					name := fmt.Sprint("statement ", i)
					prepare(t, t.Context(), conn, name, selectOne+strings.Repeat(" ", size))
					must(t, deallocate(conn, name))
				}
			}); got > rounds*size/10 {
				t.Errorf("%d B are kept of statements that were deallocated, which had %d", got, rounds*size)
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
	remember := func(name, sql string) { prepare(t, t.Context(), conn, name, sql) }
	remember("hot", "-- name: Hot :one\n"+selectOne)
	for _, size := range []int{1 << 20, 3 << 20, 9 << 20, 20 << 20} {
		for i := range 9 {
			remember(fmt.Sprint("large ", size, i), selectOne+strings.Repeat(" ", size))
			if size > 3<<20 {
				break
			}
		}
		remember(fmt.Sprint("new ", size), "-- name: New :one\n"+selectOne)
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

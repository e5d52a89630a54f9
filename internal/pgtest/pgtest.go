// Package pgtest provides databases to the tests of this module.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
//	func TestInsert(t *testing.T) {
//		pool := pgtest.Pool(t, "CREATE TABLE t (id int)")
//
// The server is that of package testserver. The first test that needs it starts it, and all
// tests of the binary share it.
package pgtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
	"github.com/fanout-bench/fanout-bench/internal/testserver"
)

// Main runs the tests of m and closes the shared server; see [testserver.Main].
func Main(m interface{ Run() int }) int { return testserver.Main(m) }

// Server returns the shared server. Without a server the test fails, because a skipped test
// proves nothing.
func Server(t testing.TB) *scratch.Server {
	t.Helper()
	server, err := testserver.Shared()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return server
}

// Pool returns a pool on a new database with the SQL of schema applied. Pool and database are
// removed when the test ends.
func Pool(t testing.TB, schema string) *pgxpool.Pool {
	t.Helper()
	server := Server(t)
	config, err := server.Create(t.Context(), schema)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		// The context of the test has ended here.
		ctx, cancel := context.WithTimeout(context.Background(), testserver.Limit)
		defer cancel()
		if err := server.Drop(ctx, config); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// Databases returns a function that lists the databases that the shared server made for tests.
// On a given server, the tests of other packages have databases with other keys.
func Databases(t testing.TB) func() []string {
	t.Helper()
	pool := Pool(t, "")
	const ours = `SELECT datname FROM pg_database
		WHERE starts_with(datname, regexp_replace(current_database(), '[^_]*$', '')) AND datname <> current_database()
		ORDER BY datname`
	return func() []string {
		t.Helper()
		rows, _ := pool.Query(t.Context(), ours) // the rows carry its error
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("pgtest: %v", err)
		}
		return names
	}
}

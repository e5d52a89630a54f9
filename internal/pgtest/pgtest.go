// Package pgtest gives the tests of this module databases.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
//	func TestInsert(t *testing.T) {
//		pool := pgtest.Pool(t, "CREATE TABLE t (id int)")
//
// The server is the one the command line tool would run on, with FANOUT_DB for
// its --db, FANOUT_DATABASE_URL for its --database-url and, where FANOUT_DB is docker,
// FANOUT_IMAGE for its --image. It is started when a test first asks for it and shared
// by all tests of the binary.
package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres"
)

// limit bounds each step that no test can cancel.
const limit = 2 * time.Minute

var (
	inMain atomic.Bool

	open = sync.OnceValues(func() (*postgres.Server, error) {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		server, err := postgres.Open(ctx, postgres.Options{
			Mode:  os.Getenv("FANOUT_DB"),
			URL:   os.Getenv("FANOUT_DATABASE_URL"),
			Image: os.Getenv("FANOUT_IMAGE"),
		})
		opened.Store(server)
		return server, err
	})
	opened atomic.Pointer[postgres.Server]
)

// Main runs the tests of m, closes the shared server if they used it, and
// returns the code to exit with. A server that does not close is a failure.
func Main(m interface{ Run() int }) int {
	inMain.Store(true)
	code := m.Run()
	server := opened.Load()
	if server == nil {
		return code
	}
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return max(code, 1)
	}
	return code
}

// Server returns the shared server. Where there is none the test fails: a test
// that was skipped proves nothing.
func Server(t testing.TB) *postgres.Server {
	t.Helper()
	if !inMain.Load() {
		t.Fatal("pgtest: the package needs a TestMain that calls pgtest.Main, which closes the server")
	}
	server, err := open()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return server
}

// Pool returns a pool on a new database of the shared server, to which the SQL
// of schema has been applied. Both are gone when the test ends.
func Pool(t testing.TB, schema string) *pgxpool.Pool {
	t.Helper()
	server := Server(t)
	config, err := server.Create(t.Context(), schema)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		// The context of the test has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), limit)
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

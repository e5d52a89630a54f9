// Package testdb gives tests PostgreSQL databases that are migrated once.
//
//	var db = testdb.Template{Migrate: migrate}
//
//	func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
//
//	func TestInsert(t *testing.T) {
//		pool := db.Pool(t, nil)
//
// The server is FANOUT_DATABASE_URL, or else a temporary one: FANOUT_DB=local uses the PostgreSQL
// programs of the machine, FANOUT_DB=embedded downloads them. Each test binary starts its own
// server when the first test needs it. 'fanout-bench run -- go test ./...', gate and accept can
// start one for all binaries, also in Docker: see their --db.
//
// Without a server, tests are skipped. They fail instead if one of these variables names a
// server, if FANOUT_REQUIRE_DB=1 is set, or if -fanout.update or FANOUT_UPDATE=1 asks for
// baselines. Set FANOUT_REQUIRE_DB=1 in CI, where skipped tests prove nothing; the fanout-bench
// command sets it.
package testdb

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/internal/backends"
	"github.com/fanout-bench/fanout-bench/internal/onlycounts"
	"github.com/fanout-bench/fanout-bench/internal/pgpool"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
	"github.com/fanout-bench/fanout-bench/internal/testserver"
)

// Main runs the tests of m, stops the server if they used it, and returns the exit code. If the
// server does not stop, the code is a failure.
func Main(m interface{ Run() int }) int { return testserver.Main(m) }

// A Template is a database that is copied for tests. It is safe for concurrent use and must not
// be copied.
type Template struct {
	// Migrate prepares an empty database: with the SQL of a file, or with a tool such as goose or
	// tern, which take the *sql.DB of stdlib.OpenDBFromPool, a connection of pool, or
	// pool.Config().ConnString(). It is called once in a process. Nil: tests get empty databases.
	Migrate func(ctx context.Context, pool *pgxpool.Pool) error

	once   sync.Once
	config *pgxpool.Config
	err    error
}

// Pool returns a pool on a new copy of the template. configure may change the config before the
// pool connects, for example to attach a Recorder; it may be nil. When the test ends, the pool is
// closed and the database is dropped; a connection that the test still holds is a test failure.
// If a test fails on FANOUT_DATABASE_URL, its database is kept and logged, unless it failed only
// for the counts in fanouttest.Check. Without a server, t is skipped or fails, as the package
// documentation says. If Migrate fails, every test that calls Pool fails.
func (d *Template) Pool(t fanouttest.TB, configure func(config *pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	server := d.prepared(t)
	onlycounts.Forget(t.Name())
	config, err := server.Clone(t.Context(), d.config)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	t.Cleanup(func() {
		t.Helper()
		if t.Failed() && !onlycounts.Failed(t.Name()) && server.Keep(config) {
			t.Logf("testdb: the database %s is kept on the server of FANOUT_DATABASE_URL", config.ConnConfig.Database)
			return
		}
		// The context of the test has ended.
		ctx, cancel := context.WithTimeout(context.Background(), testserver.Limit)
		defer cancel()
		if err := server.Drop(ctx, config); err != nil {
			t.Errorf("testdb: %v", err)
		}
	})
	t.Cleanup(backends.Give(t.Name(), config.ConnConfig.Copy()))
	own := config.Copy()
	if configure != nil {
		configure(own)
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), own)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	t.Cleanup(func() {
		t.Helper()
		if err := pgpool.Close(pool); err != nil {
			t.Errorf("testdb: %v", err)
		}
	})
	return pool
}

// prepared returns the server with the template, or ends the test.
func (d *Template) prepared(t fanouttest.TB) *scratch.Server {
	t.Helper()
	server, err := testserver.Shared()
	if errors.Is(err, testserver.ErrNoMain) {
		t.Fatalf("testdb: add this to the package, so that the server is closed: " +
			"func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }")
	}
	if err != nil {
		unavailable(t, err)
	}
	d.once.Do(func() { d.config, d.err = d.make(server) })
	if d.err != nil {
		t.Fatalf("testdb: make the template: %v", d.err)
	}
	return server
}

// unavailable ends a test that has no server because of err.
func unavailable(t fanouttest.TB, err error) {
	t.Helper()
	required, requireErr := variable("FANOUT_REQUIRE_DB", os.Getenv("FANOUT_DATABASE_URL") != "" || os.Getenv("FANOUT_DB") != "")
	update, updateErr := variable("FANOUT_UPDATE", false)
	if f := flag.Lookup("fanout.update"); f != nil { // package fanouttest defines it
		update = update || f.Value.String() == "true"
	}
	switch invalid := errors.Join(updateErr, requireErr); {
	case invalid != nil:
		t.Fatalf("testdb: %v", invalid)
	case update:
		t.Fatalf("testdb: %v\nA baseline cannot be written without a server", err)
	case required:
		t.Fatalf("testdb: %v", err)
	}
	t.Skipf("testdb: %v\nSet FANOUT_REQUIRE_DB=1 to fail instead", err)
}

// variable returns the value of a Boolean environment variable, or other if it is not set.
func variable(name string, other bool) (bool, error) {
	value := os.Getenv(name)
	if value == "" {
		return other, nil
	}
	set, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s is %q; set it to 1 or 0", name, value)
	}
	return set, nil
}

// make does not use the context of the test that happened to be first.
func (d *Template) make(server *scratch.Server) (*pgxpool.Config, error) {
	ctx, cancel := context.WithTimeout(context.Background(), testserver.Limit)
	defer cancel()
	config, err := server.Create(ctx, "")
	if err != nil || d.Migrate == nil {
		return config, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config.Copy())
	if err != nil {
		return nil, err
	}
	// A template with open connections cannot be copied.
	err = errors.Join(d.Migrate(ctx, pool), pgpool.Close(pool))
	if err != nil {
		return nil, err
	}
	return config, nil
}

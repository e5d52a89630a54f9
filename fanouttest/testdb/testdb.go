// Package testdb gives tests PostgreSQL databases, migrated once.
//
//	var db = testdb.Template{Migrate: migrate}
//
//	func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
//
//	func TestInsert(t *testing.T) {
//		pool := db.Pool(t, nil)
//
// The server is FANOUT_DATABASE_URL, or one of PostgreSQL's programs on the machine or of a
// download, which FANOUT_DB=local and FANOUT_DB=embedded force. It is started when a test
// first asks for it and shared by all tests of the binary. 'fanout-bench run -- go test
// ./...', gate and accept can start one for all binaries, in Docker too: see their --db.
//
// Where there is none, tests are skipped, unless one of these variables names a server, or
// FANOUT_REQUIRE_DB=1 is set, as it should be in CI: a test that was skipped proves
// nothing. The fanout-bench command sets it for what it runs. Where baselines are to be
// written, by -fanout.update or FANOUT_UPDATE=1, tests are never skipped. Each binary of tests starts a server of its own.
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

// Main runs the tests of m, closes the server if they used it, and returns the code to
// exit with. A server that does not close is a failure.
func Main(m interface{ Run() int }) int { return testserver.Main(m) }

// A Template is a database that tests get copies of. It is safe for concurrent use and
// must not be copied.
type Template struct {
	// Migrate makes an empty database ready: with the SQL of a file, or with goose, tern
	// and others, which take the *sql.DB of stdlib.OpenDBFromPool, a connection of pool, or
	// pool.Config().ConnString().
	// It is called once in a process. Nil: tests get empty databases.
	Migrate func(ctx context.Context, pool *pgxpool.Pool) error

	once   sync.Once
	config *pgxpool.Config
	err    error
}

// Pool returns a pool on a new copy of the template. configure may change how it
// connects before it does, and is where a Recorder is attached; it may be nil. Pool
// and database are gone when the test ends; a connection that the test has not given
// back by then fails it. On a server of FANOUT_DATABASE_URL the database of a failed
// test is kept, and its name logged, unless fanouttest.Check failed it for its counts alone. Where there is no server, t is skipped or fails as
// the package says; if Migrate fails, so does every test that asks for a pool.
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
		// The context of the test has ended by now.
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

// prepared returns the server with the template on it, or ends the test.
func (d *Template) prepared(t fanouttest.TB) *scratch.Server {
	t.Helper()
	server, err := testserver.Shared()
	if errors.Is(err, testserver.ErrNoMain) {
		t.Fatalf("testdb: add this to the package, so that the server is closed: " +
			"func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }")
	}
	if err != nil {
		update, updateErr := updating()
		required, parseErr := required()
		if parseErr = errors.Join(updateErr, parseErr); parseErr != nil {
			t.Fatalf("testdb: %v", parseErr)
		}
		if update {
			t.Fatalf("testdb: %v\nWithout a server no baseline can be written", err)
		}
		if required {
			t.Fatalf("testdb: %v", err)
		}
		t.Skipf("testdb: %v\nFANOUT_REQUIRE_DB=1 makes this a failure", err)
	}
	d.once.Do(func() { d.config, d.err = d.make(server) })
	if d.err != nil {
		t.Fatalf("testdb: make the template: %v", d.err)
	}
	return server
}

func required() (bool, error) {
	named := os.Getenv("FANOUT_DATABASE_URL") != "" || os.Getenv("FANOUT_DB") != ""
	return variable("FANOUT_REQUIRE_DB", named)
}

// updating reports whether package fanouttest, which has the flag if it is linked, is to
// write baselines.
func updating() (bool, error) {
	update := false
	if f := flag.Lookup("fanout.update"); f != nil {
		update = f.Value.String() == "true"
	}
	set, err := variable("FANOUT_UPDATE", false)
	return update || set, err
}

// variable returns what an environment variable says, or other if it says nothing.
func variable(name string, other bool) (bool, error) {
	value := os.Getenv(name)
	if value == "" {
		return other, nil
	}
	set, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s is %q, which is neither 1 nor 0", name, value)
	}
	return set, nil
}

// make does not end with the test that happened to be first.
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
	// The template can only be copied when nobody is connected to it.
	err = errors.Join(d.Migrate(ctx, pool), pgpool.Close(pool))
	if err != nil {
		return nil, err
	}
	return config, nil
}

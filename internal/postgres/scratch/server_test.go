package scratch_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

const schema = "CREATE TABLE t (id int); INSERT INTO t VALUES (1)"

// create makes a database and drops it when the test ends.
func create(t *testing.T, s *scratch.Server, schema string) *pgxpool.Config {
	t.Helper()
	config, err := s.Create(t.Context(), schema)
	must.Succeed(t, err)
	t.Cleanup(func() { _ = s.Drop(context.Background(), config) })
	return config
}

func clone(t *testing.T, s *scratch.Server, source *pgxpool.Config) *pgxpool.Config {
	t.Helper()
	config, err := s.Clone(t.Context(), source)
	must.Succeed(t, err)
	t.Cleanup(func() { _ = s.Drop(context.Background(), config) })
	return config
}

// query runs one statement on a connection of its own and returns the first
// column of its only row, if it has one.
func query[T any](t *testing.T, config *pgxpool.Config, sql string, args ...any) T {
	t.Helper()
	conn, err := pgx.ConnectConfig(context.Background(), config.ConnConfig)
	must.Succeed(t, err)
	defer conn.Close(context.Background())
	var value T
	if err := conn.QueryRow(context.Background(), sql, args...).Scan(&value); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func TestCreate(t *testing.T) {
	config := create(t, pgtest.Server(t), schema)
	name := config.ConnConfig.Database
	if !regexp.MustCompile(`^fanout_bench_[0-9a-f]{16}_[0-9a-f]{32}$`).MatchString(name) {
		t.Errorf("database is named %q", name)
	}
	if got := query[int](t, config, "SELECT count(*) FROM t"); got != 1 {
		t.Errorf("table of the schema has %d rows, want 1", got)
	}
	const properties = `SELECT pg_encoding_to_char(encoding) || ' ' || datcollate || ' ' || datctype
		FROM pg_database WHERE datname = current_database()`
	if got := query[string](t, config, properties); got != "UTF8 C C" {
		t.Errorf("encoding and locale are %q, want UTF8 C C", got)
	}
	const comment = `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()`
	if got := query[string](t, config, comment); !strings.Contains(got, "fanout-bench") {
		t.Errorf("comment on the database is %q", got)
	}
	if config.ConnConfig.Tracer != nil {
		t.Error("configuration has a tracer")
	}
}

func TestCreateReportsTheLineOfASchemaError(t *testing.T) {
	databases := pgtest.Databases(t)
	before := databases()
	_, err := pgtest.Server(t).Create(t.Context(), "CREATE TABLE é (id int);\n\nCREATE TABEL u (id int)")
	if err == nil {
		t.Fatal("no error")
	}
	if want := `apply the schema, line 3: ERROR: syntax error at or near "TABEL" (SQLSTATE 42601)`; err.Error() != want {
		t.Errorf("error is %q, want %q", err, want)
	}
	if after := databases(); !slices.Equal(before, after) {
		t.Errorf("databases before the failure %q\nand after              %q", before, after)
	}
}

func TestConfigsAreSeparate(t *testing.T) {
	s := pgtest.Server(t)
	one := create(t, s, "")
	one.ConnConfig.RuntimeParams["application_name"] = "changed"
	one.MaxConns = 99
	two := create(t, s, "")
	if two.MaxConns == 99 || two.ConnConfig.RuntimeParams["application_name"] == "changed" {
		t.Error("a change to one configuration affects the next")
	}
}

func TestCloneIsIsolated(t *testing.T) {
	s := pgtest.Server(t)
	source := create(t, s, schema)
	one, two := clone(t, s, source), clone(t, s, source)
	query[any](t, one, "INSERT INTO t VALUES (2)")
	for _, c := range []struct {
		name   string
		config *pgxpool.Config
		want   int
	}{{"written clone", one, 2}, {"other clone", two, 1}, {"source", source, 1}} {
		if got := query[int](t, c.config, "SELECT count(*) FROM t"); got != c.want {
			t.Errorf("%s has %d rows, want %d", c.name, got, c.want)
		}
	}
}

func TestCloneOfADatabaseInUse(t *testing.T) {
	s := pgtest.Server(t)
	source := create(t, s, schema)
	conn, err := pgx.ConnectConfig(t.Context(), source.ConnConfig)
	must.Succeed(t, err)
	defer conn.Close(context.Background())
	if _, err = s.Clone(t.Context(), source); err == nil || !strings.Contains(err.Error(), "still has connections") {
		t.Errorf("error is %v", err)
	}
}

func TestDrop(t *testing.T) {
	s := pgtest.Server(t)
	witness, config := create(t, s, ""), create(t, s, "")
	conn, err := pgx.ConnectConfig(t.Context(), config.ConnConfig)
	must.Succeed(t, err)
	defer conn.Close(context.Background())
	if err := s.Drop(t.Context(), config); err != nil {
		t.Fatalf("with a connection to the database: %v", err)
	}
	const exists = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
	if query[bool](t, witness, exists, config.ConnConfig.Database) {
		t.Error("database still exists")
	}
	if err := s.Drop(t.Context(), config); err == nil {
		t.Error("second Drop succeeded")
	}
}

func TestForeignDatabasesAreRefused(t *testing.T) {
	s := pgtest.Server(t)
	config := create(t, s, "")
	foreign := config.Copy()
	foreign.ConnConfig.Database = "fanout_bench_00000000000000000000000000000000"
	query[any](t, config, "CREATE DATABASE "+foreign.ConnConfig.Database)
	defer query[any](t, config, "DROP DATABASE "+foreign.ConnConfig.Database)
	if err := s.Drop(t.Context(), foreign); err == nil || !strings.Contains(err.Error(), "did not make it") {
		t.Errorf("Drop: %v", err)
	}
	if _, err := s.Clone(t.Context(), foreign); err == nil || !strings.Contains(err.Error(), "did not make it") {
		t.Errorf("Clone: %v", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := pgtest.Server(t)
	source := create(t, s, schema)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			config, err := s.Clone(t.Context(), source)
			if err == nil {
				err = s.Drop(t.Context(), config)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestCancelledContext(t *testing.T) {
	s := pgtest.Server(t)
	config := create(t, s, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Create(ctx, schema); !errors.Is(err, context.Canceled) {
		t.Errorf("Create: %v", err)
	}
	if _, err := s.Clone(ctx, config); !errors.Is(err, context.Canceled) {
		t.Errorf("Clone: %v", err)
	}
	if err := s.Drop(ctx, config); !errors.Is(err, context.Canceled) {
		t.Errorf("Drop: %v", err)
	}
	if err := s.Drop(t.Context(), config); err != nil {
		t.Errorf("Drop after one that was canceled: %v", err)
	}
}

func TestDescription(t *testing.T) {
	got := pgtest.Server(t).Description()
	if !regexp.MustCompile(`^PostgreSQL \d+(\.\d+|\w+), [^/@\n]+$`).MatchString(got) {
		t.Errorf("description is %q", got)
	}
}

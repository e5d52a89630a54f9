package pgtest_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestPool(t *testing.T) {
	var first string
	t.Run("creates a database with the schema", func(t *testing.T) {
		pool := pgtest.Pool(t, "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)")
		first = pool.Config().ConnConfig.Database
		var rows int
		if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM t").Scan(&rows); err != nil || rows != 2 {
			t.Errorf("counted %d rows, %v; want 2", rows, err)
		}
	})
	t.Run("drops the database", func(t *testing.T) {
		pool := pgtest.Pool(t, "")
		var left bool
		err := pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", first).Scan(&left)
		if err != nil || left {
			t.Errorf("database of the ended test still there: %v, %v", left, err)
		}
	})
}

func TestDatabases(t *testing.T) {
	databases := pgtest.Databases(t)
	if got := databases(); len(got) != 0 {
		t.Errorf("databases at the start: %q, want none", got)
	}
	pool := pgtest.Pool(t, "")
	other := strings.Replace(pool.Config().ConnConfig.Database, "fanout_bench_", "others_", 1)
	if _, err := pool.Exec(t.Context(), "CREATE DATABASE "+other); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := pool.Exec(t.Context(), "DROP DATABASE "+other); err != nil {
			t.Error(err)
		}
	}()
	if got, want := databases(), []string{pool.Config().ConnConfig.Database}; !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
}

package pgtest_test

import (
	"os"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestPool(t *testing.T) {
	var first string
	t.Run("gives a database with the schema", func(t *testing.T) {
		pool := pgtest.Pool(t, "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)")
		first = pool.Config().ConnConfig.Database
		var rows int
		if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM t").Scan(&rows); err != nil || rows != 2 {
			t.Errorf("counted %d rows, %v; want 2", rows, err)
		}
	})
	t.Run("which is dropped", func(t *testing.T) {
		pool := pgtest.Pool(t, "")
		var left bool
		err := pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", first).Scan(&left)
		if err != nil || left {
			t.Errorf("database of the ended test still there: %v, %v", left, err)
		}
	})
}

func TestServerIsShared(t *testing.T) {
	if first, second := pgtest.Server(t), pgtest.Server(t); first != second {
		t.Error("two calls returned two servers")
	}
}

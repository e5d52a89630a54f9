package metrics

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// TestNames checks the names with Prometheus's own linter.
func TestNames(t *testing.T) {
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none") // it connects when used
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	m := New(pool)
	m.Observe(Request{Status: 200, Statements: 1})
	problems, err := testutil.GatherAndLint(m.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

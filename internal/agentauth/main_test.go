package agentauth

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var shared struct {
	start sync.Once
	pool  *pgxpool.Pool
	err   error
}

// sharedPool returns a pool on the database that tests share. Each world in it has its own
// instance. The database is removed with the server.
func sharedPool(t *testing.T) *pgxpool.Pool {
	t.Helper()
	shared.start.Do(func() {
		config, err := pgtest.Server(t).Create(t.Context(), schema)
		if err != nil {
			shared.err = err
			return
		}
		shared.pool, shared.err = pgxpool.NewWithConfig(context.Background(), config)
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.pool
}

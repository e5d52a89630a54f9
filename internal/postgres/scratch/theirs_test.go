package scratch_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

func TestMain(m *testing.M) {
	code := pgtest.Main(m)
	if opened != nil {
		if err := opened.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

var (
	opened *scratch.Server
	open   = sync.OnceValues(func() (*pgxpool.Config, error) {
		var err error
		if opened, err = postgres.Open(context.Background(), postgres.Options{Mode: "local"}); err != nil {
			return nil, err
		}
		return pgxpool.ParseConfig(opened.ConnString())
	})
)

// theirs returns the configuration of a shared temporary server that stands for somebody
// else's server.
func theirs(t *testing.T) *pgxpool.Config {
	t.Helper()
	config, err := open()
	must.Succeed(t, err)
	return config
}

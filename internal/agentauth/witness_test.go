package agentauth

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// TestLongServerCountsTheSame compares each measurement with pg_stat_statements, which
// counts the queries of this case exactly.
func TestLongServerCountsTheSame(t *testing.T) {
	long.Test(t)
	server, err := postgres.Open(t.Context(), postgres.Options{
		Mode:     os.Getenv("FANOUT_DB"),
		Settings: []string{"shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=top"},
	})
	must.Succeed(t, err)
	defer server.Close()
	path := Path()
	path.Schema += "\nCREATE EXTENSION pg_stat_statements;"
	executed := map[scenarios.Cell]int{}
	for i, sc := range path.Scenarios {
		path.Scenarios[i].Setup = func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
			op, err := sc.Setup(ctx, env)
			run := op.Run
			op.Run = func(ctx context.Context) error {
				before := executions(t, env.Fixtures)
				err := run(ctx)
				executed[scenarios.Cell{Scenario: sc.Name, N: env.N, Version: env.Version}] = executions(t, env.Fixtures) - before
				return err
			}
			return op, err
		}
	}
	cells, err := path.Cells()
	must.Succeed(t, err)
	runner := scenarios.Runner{Server: server}
	for result, err := range runner.Run(t.Context(), path, cells) {
		must.Succeed(t, err)
		if got, want := result.Recording.Counts().SQL, executed[result.Cell]; got != want {
			t.Errorf("%s: %d statements, and the server executed %d", result.Cell, got, want)
		}
	}
	if len(executed) != len(cells) {
		t.Errorf("%d cells were executed, want %d", len(executed), len(cells))
	}
}

// executions returns the number of statements executed on the database so far, except
// those of this function.
func executions(t *testing.T, pool *pgxpool.Pool) (calls int) {
	t.Helper()
	const sql = `SELECT COALESCE(sum(calls), 0)::int FROM pg_stat_statements
		WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%'`
	if err := pool.QueryRow(context.Background(), sql).Scan(&calls); err != nil {
		t.Error(err)
	}
	return calls
}

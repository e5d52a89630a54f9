package bench

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/agentauth"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// BenchmarkMatrix compares 'fanout-bench run' of the built-in case with the least it needs: a server
// and the same statements, one after the other on one connection.
func BenchmarkMatrix(b *testing.B) {
	command := filepath.Join(b.TempDir(), "fanout-bench")
	build := exec.Command("go", "build", "-o", command, "./cmd/fanout-bench")
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "GOWORK=") // the command is in the workspace, this module is not
	if output, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, output)
	}
	var start, replay, run time.Duration
	statements := 0
	for b.Loop() {
		began := time.Now()
		server, err := postgres.Open(b.Context(), postgres.Options{
			Mode: os.Getenv("FANOUT_DB"), URL: os.Getenv("FANOUT_DATABASE_URL"),
		})
		if err != nil {
			b.Fatal(err)
		}
		start += time.Since(began)

		replayed := &replayer{Server: server}
		matrix(b, replayed)
		if err := server.Close(); err != nil {
			b.Fatal(err)
		}
		replay += replayed.took
		statements += len(replayed.statements)

		began = time.Now()
		if output, err := exec.CommandContext(b.Context(), command, "run").CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, output)
		}
		run += time.Since(began)
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(start.Seconds()/n, "start-s")
	b.ReportMetric(float64(statements)/n, "statements")
	b.ReportMetric(replay.Seconds()/n, "statements-s")
	b.ReportMetric(run.Seconds()/n, "run-s")
	b.ReportMetric(run.Seconds()/(start+replay).Seconds(), "ratio")
}

// matrix takes all measurements of the built-in case.
func matrix(b *testing.B, server scenarios.Server) {
	path := agentauth.Path()
	cells, err := path.Cells()
	if err != nil {
		b.Fatal(err)
	}
	for _, err := range (&scenarios.Runner{Server: server, Parallel: 4}).Run(b.Context(), path, cells) {
		if err != nil {
			b.Fatal(err)
		}
	}
}

// A replayer records the statements of a run and executes them again before the run's database is
// dropped.
type replayer struct {
	scenarios.Server
	mu         sync.Mutex
	statements []pgx.TraceQueryStartData
	took       time.Duration
}

func (r *replayer) Create(ctx context.Context, schema string) (*pgxpool.Config, error) {
	config, err := r.Server.Create(ctx, schema)
	if err == nil {
		config.ConnConfig.Tracer = r
	}
	return config, err
}

// TraceQueryStart ignores statements that are not of the operations: fixtures use batches, and the
// runner's own lookups have no arguments of theirs.
func (r *replayer) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if conn.Config().RuntimeParams["default_transaction_read_only"] == "on" {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.statements = append(r.statements, data)
	}
	return ctx
}

func (r *replayer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *replayer) Drop(ctx context.Context, config *pgxpool.Config) error {
	if err := r.replay(config.ConnConfig.Copy()); err != nil {
		return err
	}
	return r.Server.Drop(ctx, config)
}

func (r *replayer) replay(config *pgx.ConnConfig) error {
	ctx := context.Background() // not the context of the drop
	config.Tracer = nil
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	began := time.Now()
	for _, s := range r.statements {
		rows, err := conn.Query(ctx, s.SQL, s.Args...)
		if err != nil {
			return err
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
	}
	r.took = time.Since(began)
	return nil
}

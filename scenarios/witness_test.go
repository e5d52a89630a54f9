package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// measured runs the only cell of p.
func measured(t *testing.T, runner *scenarios.Runner, p *scenarios.Path) (scenarios.Result, error) {
	t.Helper()
	for result, err := range runner.Run(t.Context(), p, []scenarios.Cell{{Scenario: "items", Version: "v1"}}) {
		return result, err
	}
	t.Fatal("no result")
	return scenarios.Result{}, nil
}

// A context that is not passed on is an error only to those who want it.
func TestStrict(t *testing.T) {
	p := path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		tx, err := env.Pool.Begin(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "SELECT")
		return errors.Join(err, tx.Rollback(context.Background()))
	})})
	const leak = "rollback ×1 at scenarios/witness_test.go:"
	result, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t)}, p)
	if err != nil {
		t.Fatal(err)
	}
	if counts := result.Recording.Counts(); counts.SQL != 1 || counts.Tx != 2 {
		t.Errorf("%d statements and %d of transaction control, want 1 and 2", counts.SQL, counts.Tx)
	}
	if got := strings.Join(result.Recording.Warnings(), "\n"); !strings.Contains(got, leak) {
		t.Errorf("warnings %q, want one of %s", got, leak)
	}
	if _, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t), Strict: true}, path(scenarios.Scenario{Setup: running(selectItems)})); err != nil {
		t.Errorf("strictly, without a leak: %v", err)
	}
	_, err = measured(t, &scenarios.Runner{Server: pgtest.Server(t), Strict: true}, p)
	if !errors.Is(err, scenarios.ErrLeakedContext) || !strings.Contains(err.Error(), leak) {
		t.Errorf("strictly: %v, want %s", err, leak)
	}
}

func TestUnattributedNamesTheLine(t *testing.T) {
	_, err := measured(t, &scenarios.Runner{Server: pgtest.Server(t)}, path(scenarios.Scenario{
		Setup: running(func(_ context.Context, env scenarios.Env) error { return selectItems(context.Background(), env) }),
	}))
	if want := "ListItems ×1 at scenarios/runner_test.go:"; !errors.Is(err, scenarios.ErrUnattributed) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The statistics of the server see what no Recorder is attached to.
func TestCrossCheck(t *testing.T) {
	if os.Getenv("FANOUT_DATABASE_URL") != "" {
		t.Log("a given server is not set up for it; the others are")
		return
	}
	server, err := postgres.Open(t.Context(), postgres.Options{Mode: os.Getenv("FANOUT_DB"), Image: os.Getenv("FANOUT_IMAGE"), Statements: true})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	runner := &scenarios.Runner{Server: server, CrossCheck: true, Parallel: 4}
	everything := func(ctx context.Context, env scenarios.Env) error {
		return pgx.BeginFunc(ctx, env.Pool, func(tx pgx.Tx) error {
			batch := &pgx.Batch{}
			for id := range 3 {
				batch.Queue("INSERT INTO items VALUES ($1)", id)
			}
			batch.Queue("SHOW work_mem")
			_, err := tx.Exec(ctx, "SELECT 1; DELETE FROM items; SET work_mem = '8MB'")
			unread, queryErr := tx.Query(ctx, "SELECT generate_series(1, 3)")
			if queryErr == nil {
				unread.Close()
			}
			_, hiddenErr := tx.Conn().PgConn().Exec(ctx, "SELECT 2").ReadAll()
			return errors.Join(err, queryErr, hiddenErr, selectItems(ctx, env), tx.Conn().Ping(ctx), tx.SendBatch(ctx, batch).Close(),
				tx.QueryRow(ctx, "WITH d AS (DELETE FROM items RETURNING id) SELECT count(*) FROM d").Scan(new(int)))
		})
	}
	if _, err := measured(t, runner, path(scenarios.Scenario{Setup: running(everything)})); err != nil {
		t.Error(err)
	}
	unread := func(ctx context.Context, env scenarios.Env) error { // the result of the second item
		enough := errors.New("enough")
		batch := &pgx.Batch{}
		batch.Queue("SELECT 1").Exec(func(pgconn.CommandTag) error { return enough })
		batch.Queue("SELECT 2")
		if err := env.Pool.SendBatch(ctx, batch).Close(); !errors.Is(err, enough) {
			return fmt.Errorf("not enough: %w", err)
		}
		return nil
	}
	if _, err := measured(t, runner, path(scenarios.Scenario{Setup: running(unread)})); err != nil {
		t.Error(err)
	}
	var cells atomic.Int32 // at the same time, in one database
	shared := path(scenarios.Scenario{Unit: "item", Sweep: []int{1, 2, 3, 4}, Setup: running(func(ctx context.Context, env scenarios.Env) error {
		defer cells.Add(-1)
		if cells.Add(1) > 1 {
			return errors.New("another cell is measured")
		}
		return errors.Join(selectItems(ctx, env), selectItems(ctx, env))
	})})
	shared.ReadOnly = true
	all, _ := shared.Cells(scenarios.Selection{})
	for _, err := range runner.Run(t.Context(), shared, all) {
		if err != nil {
			t.Error(err)
		}
	}
	_, err = measured(t, runner, path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		_, err := env.Fixtures.Exec(ctx, "SELECT 1")
		return errors.Join(err, selectItems(ctx, env))
	})}))
	if want := "pg_stat_statements counted otherwise: 2 statements, and the tracer 1"; !errors.Is(err, scenarios.ErrCrossCheck) || !strings.Contains(err.Error(), want) {
		t.Errorf("work on another pool: %v, want %s", err, want)
	}
	_, err = measured(t, runner, path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		_, err := env.Fixtures.Exec(ctx, "DROP EXTENSION pg_stat_statements")
		return errors.Join(err, selectItems(ctx, env))
	})}))
	if err == nil || !strings.Contains(err.Error(), `warm-up: cross-check: ERROR: relation "pg_stat_statements" does not exist`) {
		t.Errorf("without the statistics after the run: %v", err)
	}
	_, err = measured(t, runner, path(scenarios.Scenario{Setup: running(func(ctx context.Context, env scenarios.Env) error {
		env.Fixtures.Close()
		return selectItems(ctx, env)
	})}))
	if err == nil || !strings.Contains(err.Error(), "warm-up: cross-check: closed pool") {
		t.Errorf("without a connection to look them up: %v", err)
	}
	_, err = measured(t, &scenarios.Runner{Server: pgtest.Server(t), CrossCheck: true}, path(scenarios.Scenario{Setup: running(everything)}))
	if err == nil || !strings.Contains(err.Error(), "add it to shared_preload_libraries") {
		t.Errorf("on a server without it: %v", err)
	}
	_, err = measured(t, &scenarios.Runner{Server: monitoringServer{pgtest.Server(t)}, CrossCheck: true}, path(scenarios.Scenario{Setup: running(everything)}))
	if err == nil || !strings.Contains(err.Error(), "the role may not create the extension pg_stat_statements; use one that may") {
		t.Errorf("with a role that may not have it: %v", err)
	}
}

// monitoringServer has a role of few rights work in its databases.
type monitoringServer struct{ scenarios.Server }

func (s monitoringServer) Clone(ctx context.Context, source *pgxpool.Config) (*pgxpool.Config, error) {
	config, err := s.Server.Clone(ctx, source)
	if err == nil {
		config.ConnConfig.RuntimeParams["role"] = "pg_monitor"
	}
	return config, err
}

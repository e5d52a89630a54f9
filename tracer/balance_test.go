package tracer_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Every statement on the wire is in exactly one figure.
func TestBalance(t *testing.T) {
	pool, r := recordedPool(t, func(config *pgxpool.Config) {
		config.MaxConns = 1
		config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { run(t, ctx, conn, "SET work_mem = '8MB'"); return nil }
	})
	record(t, func(ctx context.Context) {
		must(t, pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			run(t, ctx, tx, "SELECT 1")
			run(t, ctx, tx, "SELECT 2; SELECT 3")
			return tx.SendBatch(ctx, quotients(10, 20)).Close()
		}))
		must(t, copyItems(ctx, pool, "item"))
		must(t, pool.Ping(ctx))
	})
	run(t, t.Context(), pool, "SELECT 4")
	must(t, pool.SendBatch(t.Context(), quotients(10)).Close())
	ended, scope := tracer.Start(t.Context(), "ended")
	scope.End()
	run(t, ended, pool, "SELECT 5")
	counted, _ := tracer.Count(t.Context())
	run(t, counted, pool, "SELECT 6")

	got := tracer.SumsOf(r)
	if err := got.Err(); err != nil {
		t.Error(err)
	}
	if len(got.Mismatches()) > 0 {
		t.Errorf("mismatches %v", got.Mismatches())
	}
	want := tracer.SumsFrom(map[string]int{
		"SQL": 6 + 1, "Tx": 2, "Setup": 1, "Unattributed": 2, "Late": 1, "Hidden": 1, "Wire": 14, "Connections": 1,
	})
	if describe, wanted := describeBalance(got), describeBalance(want); describe != wanted {
		t.Errorf("Balance()\n got %s\nwant %s", describe, wanted)
	}
}

func describeBalance(b tracer.Sums) string {
	return fmt.Sprint(b.Map())
}

func TestUnbalanced(t *testing.T) {
	conn, r := recordedConn(t, schema, nil)
	record(t, func(ctx context.Context) {
		for range 2 { // of which the server knows nothing
			start, end := pgx.TraceQueryStartData{SQL: "SELECT 1/0"}, pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 1")}
			tracer.HooksOf(r).TraceQueryEnd(tracer.HooksOf(r).TraceQueryStart(ctx, conn, start), conn, end)
		}
	})
	err := r.Balance()
	const want = "the counts do not add up to what the server did: 2 statements counted, 0 completed; sql SELECT ? / ?: 1 counted, 0 completed, ×2"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// If another reader replaces the Recorder's, nothing verifies the counts.
func TestUnwatched(t *testing.T) {
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config()
	r.Attach(config.ConnConfig)
	config.ConnConfig.BuildFrontend = pgproto3.NewFrontend
	pool := newPool(t, config)
	recording := record(t, func(ctx context.Context) {
		run(t, ctx, pool, "SELECT 1; SELECT 2")
		must(t, pool.SendBatch(ctx, quotients(10, 20)).Close())
	})
	if !recording.Estimated || recording.Counts().SQL != 4 {
		t.Errorf("estimated: %v, counts %s", recording.Estimated, describeCounts(recording.Counts()))
	}
	if err := r.Balance(); err == nil || !strings.Contains(err.Error(), "3 statements on connections whose answers the Recorder does not read") {
		t.Errorf("Err() = %v", err)
	}
}

// The figures of closed connections are kept.
func TestBalanceOutlivesConnections(t *testing.T) {
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config().ConnConfig
	r.Attach(config)
	for range 20 {
		conn, err := pgx.ConnectConfig(t.Context(), config)
		must(t, err)
		record(t, func(ctx context.Context) { run(t, ctx, conn, "SELECT 1") })
		must(t, conn.Ping(t.Context()))
		must(t, conn.Close(t.Context()))
		runtime.GC()
	}
	b := tracer.SumsOf(r)
	if err := b.Err(); err != nil || b.Get("Wire") != 40 || b.Get("SQL") != 20 {
		t.Errorf("Balance() = %s, %v", describeBalance(b), err)
	}
}

// A transaction of database/sql belongs to its scope.
func TestTransactionOfDatabaseSQL(t *testing.T) {
	db, r := recordedDB(t)
	recording := record(t, func(ctx context.Context) {
		tx, err := db.BeginTx(ctx, nil)
		must(t, err)
		_, err = tx.Exec(insertOne, 1, "a")
		must(t, err)
		must(t, tx.Commit())
	})
	equal(t, "counts", describeCounts(withPrepares(recording)), "sql=1 sql_unique=1 round_trips=4 tx=2 prepare=1")
	leaks := recording.Leaks()
	if len(leaks) != 1 || !strings.HasPrefix(leaks[0].String(), "INSERT INTO item VALUES (?) ×1 at tracer/balance_test.go:") {
		t.Errorf("Leaks() = %v, want that of the insert", leaks)
	}
	noStrays(t, r)
	balanced(t, r)
}

// Statements on a connection that another request holds do not belong to that request.
func TestCrossLease(t *testing.T) {
	pool, _ := recordedPool(t, nil)
	one, first := tracer.Start(t.Context(), "one")
	two, second := tracer.Start(t.Context(), "two")
	within, inner := tracer.Start(one, "within one")
	conn, err := pool.Acquire(one)
	must(t, err)
	run(t, two, conn, "SELECT 2")
	run(t, within, conn, "SELECT 1")
	conn.Release()
	for _, c := range []struct {
		scope *tracer.Scope
		want  string
	}{
		{first, ""},
		{second, "done on a connection that another scope had acquired: SELECT ? ×1"},
		{inner, ""},
	} {
		if got := strings.Join(c.scope.End().Warnings(), "\n"); got != c.want {
			t.Errorf("Warnings() = %q, want %q", got, c.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	pool, _ := recordedPool(t, func(config *pgxpool.Config) {
		config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) {
			run(t, ctx, conn, "SET work_mem = '8MB'")
			return true, nil
		}
	})
	recording := record(t, func(ctx context.Context) {
		rows, err := pool.Query(ctx, "SELECT generate_series(1, 9)", pgx.QueryExecModeExec)
		must(t, err)
		t.Cleanup(rows.Close)
		must(t, pool.Ping(ctx))
		tx, err := pool.Begin(ctx)
		must(t, err)
		must(t, tx.Rollback(context.Background()))
	})
	got := strings.Join(recording.Warnings(), "\n")
	for _, want := range []string{
		"a context was not passed on; the scope was found by the connection: rollback ×1 at tracer/balance_test.go:",
		"not finished at the end; close rows and wait for goroutines: SELECT generate_series(?) ×1",
		"sent by hooks of the pool, not counted: SET work_mem = ? ×3",
		"not counted because pgx's tracers do not see it: 1 statement, for example a ping or pgconn.PgConn",
		"2 connections held at once: ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no warning of %q in\n%s", want, got)
		}
	}
	if lines := strings.Count(got, "\n") + 1; lines != 5 {
		t.Errorf("%d warnings, want 5:\n%s", lines, got)
	}
}

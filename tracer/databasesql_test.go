package tracer_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// database/sql may ping a reused connection, which pgx does not report, and passes result formats
// before the arguments.
func TestDatabaseSQL(t *testing.T) {
	var (
		r      tracer.Recorder
		w      wire
		config = pgtest.Pool(t, schema).Config().ConnConfig
	)
	r.Attach(config)
	w.watch(config)
	// By default it depends on the idle time.
	db := stdlib.OpenDB(*config, stdlib.OptionShouldPing(func(context.Context, stdlib.ShouldPingParams) bool { return true }))
	db.SetMaxOpenConns(1)
	defer db.Close()
	must(t, db.PingContext(t.Context()))

	waits := w.waits.Load()
	recording := record(t, func(ctx context.Context) {
		for range 2 {
			must(t, db.QueryRowContext(ctx, "SELECT $1::int", 7).Scan(new(int)))
		}
		tx, err := db.BeginTx(ctx, nil)
		must(t, err)
		_, err = tx.ExecContext(ctx, insertOne, 1, "a")
		must(t, err)
		must(t, tx.Commit())
	})
	equal(t, "counts", describeCounts(withPrepares(recording)), "sql=3 sql_unique=2 round_trips=7 tx=2 prepare=2")
	if got, want := w.waits.Load()-waits, int64(7+3); got != want {
		t.Errorf("%d round trips on the wire, want %d: the ones counted and a ping before each use", got, want)
	}
	noStrays(t, &r)
}

// The work of a pool's hooks is setup, for whichever request.
func TestDatabaseSQLHooks(t *testing.T) {
	hook := func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SELECT $1::int", 1)
		return err
	}
	db, r := recordedDB(t, stdlib.OptionAfterConnect(hook), stdlib.OptionResetSession(hook))
	recording := record(t, func(ctx context.Context) {
		for range 2 {
			must(t, db.QueryRowContext(ctx, "SELECT $1::int", 7).Scan(new(int)))
		}
		conn, err := db.Conn(ctx)
		must(t, err)
		must(t, conn.Raw(func(driverConn any) error { return hook(ctx, driverConn.(*stdlib.Conn).Conn()) }))
		must(t, conn.Close())
	})
	var setup int
	for _, e := range recording.Events {
		if e.Kind == tracer.KindSetup && e.Outcome == tracer.OutcomeDone {
			setup++
		}
	}
	// Three uses of the one connection, and a prepare.
	if got, want := recording.Counts().SQL, 3; got != want || setup != 4 {
		t.Errorf("SQL %d, want %d, and %d of setup, want 4; events %s", got, want, setup, describeEvents(recording))
	}
	must(t, db.PingContext(t.Context())) // resets it in no scope
	noStrays(t, r)
	must(t, r.Balance())
}

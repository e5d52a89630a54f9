package tracer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	selectOne = "SELECT id FROM item WHERE id = $1"
	insertOne = "INSERT INTO item VALUES ($1, $2)"
)

func TestQueries(t *testing.T) {
	named := doScan("SELECT @a::int + @b::int", pgx.NamedArgs{"a": 1, "b": 2})
	runServerCases(t, []serverCase{
		{
			name: "Exec prepares once", run: does(doExec(insertOne, 1, "a"), doExec(insertOne, 2, "a"), doExec(insertOne, 3, "a")),
			counts: "sql=3 sql_unique=3 round_trips=4 prepare=1", pool: "acquires=3 max_held=1",
			events: "query done, prepare done, query done, query done",
		},
		{
			name: "Query and all its rows", run: does(doCollect("SELECT generate_series(1, $1::int)", 5)),
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: "acquires=1 max_held=1",
			events: "query done, prepare done",
		},
		{
			name: "Query closed before its last row",
			run: func(t *testing.T, ctx context.Context, db database) {
				rows, err := db.Query(ctx, "SELECT generate_series(1, $1::int)", 5)
				must(t, err)
				rows.Next()
				rows.Close()
			},
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: "acquires=1 max_held=1",
			events: "query done, prepare done",
		},
		{
			name: "rows never closed",
			run: func(t *testing.T, ctx context.Context, db database) {
				rows, err := db.Query(ctx, "SELECT generate_series(1, $1::int)", 5)
				must(t, err)
				t.Cleanup(rows.Close)
			},
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: "acquires=1 max_held=1",
			events: "query unfinished, prepare done", noWire: true,
		},
		{
			name: "no rows is not an error",
			run: func(t *testing.T, ctx context.Context, db database) {
				if err := db.QueryRow(ctx, selectOne, 1).Scan(new(int)); !errors.Is(err, pgx.ErrNoRows) {
					t.Fatalf("error %v, want ErrNoRows", err)
				}
			},
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: "acquires=1 max_held=1",
			events: "query done, prepare done",
		},
		{
			name:   "named arguments",
			run:    does(named, named),
			counts: "sql=2 sql_unique=1 round_trips=3 prepare=1", pool: "acquires=2 max_held=1",
			events: "query done, prepare done, query done",
		},
	})
}

func TestTransactions(t *testing.T) {
	runServerCases(t, []serverCase{
		{
			name: "commit, then a deferred rollback",
			run: func(t *testing.T, ctx context.Context, db database) {
				tx, err := db.Begin(ctx)
				must(t, err)
				run(t, ctx, tx, insertOne, 1, "a")
				must(t, tx.Commit(ctx))
				_ = tx.Rollback(ctx)
			},
			counts: "sql=1 sql_unique=1 round_trips=4 tx=2 prepare=1", pool: "acquires=1 max_held=1",
			events: "tx done, query done, prepare done, tx done",
		},
		{
			name: "savepoints",
			run: func(t *testing.T, ctx context.Context, db database) {
				tx, err := db.Begin(ctx)
				must(t, err)
				kept, err := tx.Begin(ctx)
				must(t, err)
				must(t, kept.Commit(ctx))
				undone, err := tx.Begin(ctx)
				must(t, err)
				must(t, undone.Rollback(ctx))
				must(t, tx.Rollback(ctx))
			},
			counts: "round_trips=6 tx=6", pool: "acquires=1 max_held=1",
			events: "tx done, tx done, tx done, tx done, tx done, tx done",
		},
		{
			name: "commit of a failed transaction",
			run: func(t *testing.T, ctx context.Context, db database) {
				tx, err := db.Begin(ctx)
				must(t, err)
				_, err = tx.Exec(ctx, "SELECT 1/0")
				mustFail(t, err)
				mustFail(t, tx.Commit(ctx)) // the server rolls back
			},
			counts: "sql=1 sql_unique=1 round_trips=3 tx=2", pool: "acquires=1 max_held=1",
			events: "tx done, query failed, tx done",
		},
		{
			name: "one string of several statements", run: does(doExec("BEGIN; INSERT INTO item VALUES (1, 'a'); COMMIT")),
			counts: "sql=1 sql_unique=1 round_trips=1 tx=2", pool: "acquires=1 max_held=1",
			events: "batch done, tx done, query done, tx done", logged: 1 - 3,
		},
	})
}

func TestFailures(t *testing.T) {
	runServerCases(t, []serverCase{
		{
			name: "syntax error", run: fails(doScan("SELEC $1", 1)),
			counts: "round_trips=1 prepare=1", pool: "acquires=1 max_held=1",
			events: "query not sent, prepare failed",
		},
		{
			name: "argument that cannot be encoded", run: fails(doExec(selectOne, struct{}{})),
			counts: "round_trips=1 prepare=1", pool: "acquires=1 max_held=1",
			events: "query not sent, prepare done",
		},
		{
			name: "too many arguments", run: fails(doScan(selectOne, 1, 2)),
			counts: "round_trips=1 prepare=1", pool: "acquires=1 max_held=1",
			events: "query not sent, prepare done",
		},
		{
			name: "scan error", run: fails(doScan("SELECT $1::text", "x")),
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: "acquires=1 max_held=1",
			events: "query done, prepare done",
		},
		{
			name: "constraint violation, then the hidden deallocate, which is no count",
			run: func(t *testing.T, ctx context.Context, db database) {
				run(t, ctx, db, insertOne, 1, "a")
				_, err := db.Exec(ctx, insertOne, 1, "a")
				mustFail(t, err)
				run(t, ctx, db, insertOne, 2, "a")
			},
			counts: "sql=3 sql_unique=3 round_trips=5 prepare=2", pool: "acquires=3 max_held=1",
			events: "query done, prepare done, query failed, query done, prepare done",
		},
		{
			name: "failure after the first rows", run: fails(doCollect("SELECT 1/(3-i) FROM generate_series(1, $1::int) i", 5)),
			counts: "sql=1 sql_unique=1 round_trips=2 prepare=1", pool: "acquires=1 max_held=1",
			events: "query failed, prepare done",
		},
		{
			name: "context canceled in the middle",
			run: func(t *testing.T, ctx context.Context, db database) {
				_, err := db.Exec(untilAsleep(t, ctx, db), "SELECT pg_sleep(60)")
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("error %v, want one of the context", err)
				}
			},
			counts: "sql=1 sql_unique=1 round_trips=1", pool: "acquires=1 max_held=1",
			events: "query unknown", noWire: true,
		},
		{
			name: "statement canceled by the server",
			run: func(t *testing.T, ctx context.Context, db database) {
				run(t, ctx, db, "SET statement_timeout = 20")
				_, err := db.Exec(ctx, "SELECT pg_sleep(30)")
				mustFail(t, err)
			},
			counts: "sql=2 sql_unique=2 round_trips=2", pool: "acquires=2 max_held=1",
			events: "query done, query failed",
		},
		{
			name: "connection lost", run: fails(doExec("SELECT pg_terminate_backend(pg_backend_pid())")),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: "acquires=1 max_held=1",
			events: "query failed", noWire: true, // the server's last word is an error
		},
	})
}

// A pool returns no connection for a context that has ended.
func TestCancelledBefore(t *testing.T) {
	run := canceled(func(t *testing.T, ctx context.Context, db database) {
		if err := doScan(selectOne, 1)(ctx, db); !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v, want context.Canceled", err)
		}
	})
	runServerCases(t, []serverCase{{name: "query", run: run, events: "query not sent, prepare not sent"}})

	pool, _ := recordedPool(t, nil)
	recording := record(t, func(ctx context.Context) { run(t, ctx, pool) })
	equal(t, "counts of a query through a pool", describeCounts(withPrepares(recording)), "")
}

func TestModes(t *testing.T) {
	once := doScan("SELECT $1::int", 7)
	twice, option := does(once, once), does(doScan("SELECT $1::int", pgx.QueryExecModeSimpleProtocol, 7), once)
	const pool = "acquires=2 max_held=1"
	const prepared, all, direct = "query done, prepare done, query done", "query done, prepare done, query done, prepare done", "query done, query done"
	const one, two, none = "sql=2 sql_unique=1 round_trips=3 prepare=1", "sql=2 sql_unique=1 round_trips=4 prepare=2", "sql=2 sql_unique=1 round_trips=2"
	runServerCases(t, []serverCase{
		{name: "cache statement", mode: pgx.QueryExecModeCacheStatement, run: twice, counts: one, pool: pool, events: prepared},
		{name: "cache describe", mode: pgx.QueryExecModeCacheDescribe, run: twice, counts: one, pool: pool, events: prepared},
		{name: "describe exec", mode: pgx.QueryExecModeDescribeExec, run: twice, counts: two, pool: pool, events: all},
		{name: "exec", mode: pgx.QueryExecModeExec, run: twice, counts: none, pool: pool, events: direct},
		{name: "simple protocol", mode: pgx.QueryExecModeSimpleProtocol, run: twice, counts: none, pool: pool, events: direct},
		{name: "mode as an option is not an argument", mode: pgx.QueryExecModeExec, run: option, counts: none, pool: pool, events: direct,
			proxy: "sql=2 sql_unique=2 round_trips=2"}, // there the argument is in the text
	})
}

func TestBusyConnection(t *testing.T) {
	runServerCases(t, []serverCase{{
		name: "second query while rows are open",
		run: func(t *testing.T, ctx context.Context, db database) {
			rows, err := db.Query(ctx, "SELECT generate_series(1, $1::int)", 5)
			must(t, err)
			_, err = db.Exec(ctx, "SELECT 1")
			if !pgconn.SafeToRetry(err) {
				t.Fatalf("error %v, want one that is safe to retry", err)
			}
			rows.Close()
		},
		counts: "sql=1 sql_unique=1 round_trips=2 prepare=1",
		events: "query done, prepare done, query not sent",
	}})
}

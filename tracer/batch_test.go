package tracer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
)

// quotient has three rows. It fails at once for 1 and after the first row for 2.
const quotient = "SELECT 10 / (d - $1::int) FROM generate_series(1, 3) d"

func quotients(args ...int) *pgx.Batch { return batchOf(quotient, args...) }

func batchOf(sql string, args ...int) *pgx.Batch {
	b := &pgx.Batch{}
	for _, arg := range args {
		b.Queue(sql, arg)
	}
	return b
}

func TestBatches(t *testing.T) {
	errApp := errors.New("of the application")
	three := func() *pgx.Batch { return quotients(10, 20, 30) }
	callbackFails := func(set func(q *pgx.QueuedQuery)) work {
		return func(t *testing.T, ctx context.Context, db database) {
			b := three()
			set(b.QueuedQueries[0])
			if err := db.SendBatch(ctx, b).Close(); !errors.Is(err, errApp) {
				t.Fatalf("error %v, want that of the callback", err)
			}
		}
	}
	const pool = "acquires=1 max_held=1"
	cases := []serverCase{
		{
			name: "closed at once", run: does(doSend(three)),
			counts: "sql=3 sql_unique=3 round_trips=2", pool: pool,
			events: "batch done, query done, query done, query done",
		},
		{
			name: "each result read, then sent again warm",
			run: func(t *testing.T, ctx context.Context, db database) {
				for range 2 {
					results := db.SendBatch(ctx, quotients(10, 20))
					must(t, results.QueryRow().Scan(new(int)))
					_, err := results.Exec()
					must(t, err)
					must(t, results.Close())
				}
			},
			counts: "sql=4 sql_unique=2 round_trips=3", pool: "acquires=2 max_held=1",
			events: "batch done, query done, query done, batch done, query done, query done",
		},
		{
			name: "the same item twice", run: does(doSend(func() *pgx.Batch { return quotients(50, 50) })),
			counts: "sql=2 sql_unique=1 round_trips=2", pool: pool,
			events: "batch done, query done, query done",
		},
		{
			name: "the same item twice without arguments, rows of the first not closed",
			run: func(t *testing.T, ctx context.Context, db database) {
				results := db.SendBatch(ctx, queue("SELECT 1", "SELECT 1"))
				_, err := results.Query()
				must(t, err)
				_, err = results.Exec()
				must(t, err)
				must(t, results.Close())
			},
			counts: "sql=2 sql_unique=1 round_trips=2", pool: pool,
			events: "batch done, query done, query unread",
		},
		{
			name: "rows of the first not closed",
			run: func(t *testing.T, ctx context.Context, db database) {
				results := db.SendBatch(ctx, three())
				_, err := results.Query()
				must(t, err)
				must(t, results.Close())
			},
			counts: "sql=3 sql_unique=3 round_trips=2", pool: pool,
			events: "batch done, query unread, query done, query done",
		},
		{
			name: "never closed",
			run: func(t *testing.T, ctx context.Context, db database) {
				results := db.SendBatch(ctx, three())
				t.Cleanup(func() { _ = results.Close() })
			},
			counts: "sql=3 sql_unique=3 round_trips=1", pool: pool,
			events: "batch unfinished, query unfinished, query unfinished, query unfinished", noWire: true, proxy: "any",
		},
		{
			name: "empty", run: does(doSend(func() *pgx.Batch { return &pgx.Batch{} })), pool: pool,
		},
		{
			name: "named arguments",
			run: does(doSend(func() *pgx.Batch {
				b := &pgx.Batch{}
				b.Queue("SELECT @a::int", pgx.NamedArgs{"a": 1})
				b.Queue("SELECT @a::int", pgx.NamedArgs{"a": 2})
				return b
			})),
			counts: "sql=2 sql_unique=2 round_trips=2", pool: pool,
			events: "batch done, query done, query done",
		},
		{
			name: "callbacks",
			run: func(t *testing.T, ctx context.Context, db database) {
				b := quotients(10, 20)
				read := 0
				for _, q := range b.QueuedQueries {
					q.QueryRow(func(row pgx.Row) error { read++; return row.Scan(new(int)) })
				}
				must(t, db.SendBatch(ctx, b).Close())
				if read != 2 {
					t.Fatalf("%d rows read, want 2", read)
				}
			},
			counts: "sql=2 sql_unique=2 round_trips=2", pool: pool,
			events: "batch done, query done, query done",
		},
		{
			name:   "callback error on the first",
			run:    callbackFails(func(q *pgx.QueuedQuery) { q.Query(func(pgx.Rows) error { return errApp }) }),
			counts: "sql=3 sql_unique=3 round_trips=2", pool: pool,
			events: "batch failed, query done, query unread, query unread",
		},
		{
			name:   "callback error before anything is read",
			run:    callbackFails(func(q *pgx.QueuedQuery) { q.QueryRow(func(pgx.Row) error { return errApp }) }),
			counts: "sql=3 sql_unique=3 round_trips=2", pool: pool,
			events: "batch failed, query unread, query unread, query unread",
		},
		{
			name: "transaction control", run: does(doSend(func() *pgx.Batch { return queue("BEGIN", "SELECT 1", "COMMIT") })),
			counts: "sql=1 sql_unique=1 round_trips=2 tx=2", pool: pool,
			events: "batch done, tx done, query done, tx done",
		},
	}
	// pgx has had these since 5.12.
	type beginner interface{ BeginTx(options pgx.TxOptions) }
	type begun interface{ Tx() pgx.Tx }
	if _, known := any(&pgx.Batch{}).(beginner); known {
		cases = append(cases, serverCase{
			name: "Batch.BeginTx",
			run: func(t *testing.T, ctx context.Context, db database) {
				b := &pgx.Batch{}
				any(b).(beginner).BeginTx(pgx.TxOptions{})
				b.Queue(quotient, 10)
				results := db.SendBatch(ctx, b)
				must(t, results.Close())
				must(t, results.(begun).Tx().Commit(ctx))
			},
			counts: "sql=1 sql_unique=1 round_trips=3 tx=2", pool: pool,
			events: "batch done, tx done, query done, tx done",
		})
	}
	runServerCases(t, cases)
}

// queue returns a batch of statements without arguments.
func queue(statements ...string) *pgx.Batch {
	b := &pgx.Batch{}
	for _, sql := range statements {
		b.Queue(sql)
	}
	return b
}

// In each of these cases the server reports an error.
func TestFailedBatches(t *testing.T) {
	atOnce := func() *pgx.Batch { return quotients(10, 1, 30, 40) }
	conflict := func() *pgx.Batch { return batchOf("INSERT INTO item VALUES ($1)", 1, 1, 2, 3) }
	late := func() *pgx.Batch { return quotients(10, 2, 30, 40) }
	unsendable := func() *pgx.Batch {
		b := quotients(10)
		b.Queue(quotient, struct{}{})
		return b
	}
	const pool = "acquires=1 max_held=1"
	const second = "batch failed, query done, query failed, query skipped, query skipped"
	const prepared, unprepared = "sql=2 sql_unique=2 round_trips=2", "sql=2 sql_unique=2 round_trips=1"
	var cases []serverCase
	for name, b := range map[string]func() *pgx.Batch{"after a row": late, "no rows": conflict} {
		name = "in the second of four, " + name
		cases = append(cases,
			serverCase{name: name, run: fails(doSend(b)), counts: prepared, pool: pool, events: second},
			serverCase{name: name + ", mode exec", mode: pgx.QueryExecModeExec, run: fails(doSend(b)), counts: unprepared, pool: pool, events: second},
			serverCase{name: name + ", simple protocol", mode: pgx.QueryExecModeSimpleProtocol, run: fails(doSend(b)), counts: unprepared, pool: pool, events: second, logged: 1 - 2},
		)
	}
	runServerCases(t, append(cases, []serverCase{
		{
			name: "in the second of four, at once", run: fails(doSend(atOnce)), counts: prepared, pool: pool, events: second,
		},
		{
			name: "in the second, rows of the first not closed",
			run: func(t *testing.T, ctx context.Context, db database) {
				results := db.SendBatch(ctx, late())
				_, err := results.Query()
				must(t, err)
				_, err = results.Exec()
				mustFail(t, err)
				mustFail(t, results.Close())
			},
			counts: "sql=2 sql_unique=2 round_trips=2", pool: pool,
			events: "batch failed, query unread, query failed, query skipped, query skipped",
		},
		{
			name: "in the last, its rows not closed",
			run: func(t *testing.T, ctx context.Context, db database) {
				results := db.SendBatch(ctx, quotients(10, 2))
				_, err := results.Exec()
				must(t, err)
				_, err = results.Query()
				must(t, err)
				mustFail(t, results.Close())
			},
			counts: "sql=2 sql_unique=2 round_trips=2", pool: pool,
			events: "batch failed, query done, query failed",
		},
		{
			name: "while preparing",
			run: fails(doSend(func() *pgx.Batch {
				b := quotients(10)
				b.Queue("SELEC $1", 1)
				return b
			})),
			counts: "round_trips=1", pool: pool,
			events: "batch failed, query not sent, query not sent",
		},
		{
			name: "none, as an argument cannot be encoded", run: fails(doSend(unsendable)),
			counts: "round_trips=1", pool: pool, // to prepare
			events: "batch not sent, query not sent, query not sent",
			// pgx closes the connection and sends a part of the batch: the server may begin the
			// first item, and then rolls back.
			noWire: true,
		},
		{
			name: "none, as an argument cannot be encoded, mode exec", mode: pgx.QueryExecModeExec,
			run: func(t *testing.T, ctx context.Context, db database) {
				b := unsendable()
				b.QueuedQueries[0].QueryRow(func(pgx.Row) error { return nil })
				mustFail(t, db.SendBatch(ctx, b).Close())
			},
			pool:   pool,
			events: "batch not sent, query not sent, query not sent",
		},
	}...))
}

func TestCancelledBatches(t *testing.T) {
	runServerCases(t, []serverCase{
		{
			name: "before", run: canceled(fails(doSend(func() *pgx.Batch { return quotients(10, 20) }))),
			events: "batch not sent, query not sent, query not sent",
		},
		{
			name: "in the second", // the first answers are held back until the last
			run: func(t *testing.T, ctx context.Context, db database) {
				b := quotients(10)
				b.Queue("SELECT pg_sleep(60)")
				b.Queue("SELECT 3")
				if err := db.SendBatch(untilAsleep(t, ctx, db), b).Close(); !errors.Is(err, context.Canceled) {
					t.Fatalf("error %v, want one of the context", err)
				}
			},
			counts: "sql=3 sql_unique=3 round_trips=1",
			events: "batch failed, query unknown, query unknown, query unknown", noWire: true,
			proxy: "sql=3 sql_unique=3 round_trips=2", // one to prepare
		},
	})
}

// The items of a batch have it as parent.
func TestBatchItemsHaveParent(t *testing.T) {
	pool, _ := recordedPool(t, nil)
	recording := record(t, func(ctx context.Context) { must(t, pool.SendBatch(ctx, quotients(10, 20)).Close()) })
	batch := -1
	for i, e := range recording.Events {
		switch want := batch; {
		case e.Kind == "batch":
			batch = i
		case e.Kind == "query" && e.Parent != want:
			t.Errorf("parent of item %d is %d, want the batch, %d", i, e.Parent, want)
		}
	}
}

package tracer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// In these cases pgx's report hides what the server did.
func TestServerKnowsBetter(t *testing.T) {
	const pool = "acquires=1 max_held=1"
	errApp := errors.New("of the application")
	atNotice := func() {}
	third := "SELECT 10 / (3 - $1::int)"
	read := doExec("SELECT loread(0, 10)", pgx.QueryExecModeExec)
	secondRefused := func() *pgx.Batch {
		b := batchOf("SELECT $1::int", 1)
		b.Queue("SELECT nothing($1::int)", 1)
		b.Queue("SELECT $1::int", 2)
		return b
	}
	runServerCases(t, []serverCase{
		{
			name: "a callback's error before one of the server",
			run: func(t *testing.T, ctx context.Context, db database) {
				b := batchOf(third, 1, 3, 2)
				b.QueuedQueries[0].QueryRow(func(pgx.Row) error { return errApp })
				mustFail(t, db.SendBatch(ctx, b).Close())
			},
			counts: "sql=2 sql_unique=2 round_trips=2", pool: pool,
			events: "batch failed, query unread, query failed, query skipped",
			logged: -1, // it fails while it is planned
		},
		{
			name: "a scan error before one of the server, simple protocol", mode: pgx.QueryExecModeSimpleProtocol,
			run: func(t *testing.T, ctx context.Context, db database) {
				b := batchOf(third, 1, 3, 2)
				b.QueuedQueries[0].QueryRow(func(row pgx.Row) error { return row.Scan(new(time.Time)) })
				mustFail(t, db.SendBatch(ctx, b).Close())
			},
			counts: "sql=2 sql_unique=2 round_trips=1", pool: pool,
			events: "batch failed, query done, query failed, query skipped", logged: 1 - 2,
		},
		{
			name:   "a scan error that hides an error of the server",
			run:    fails(doScan("SELECT 'x' FROM generate_series(1, 3) i WHERE 1/(3-i) >= 0", pgx.QueryExecModeExec)),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool, events: "query failed",
		},
		{
			name:   "a scan error in a string of which the last fails",
			run:    fails(doScan("SELECT 'x'; SELECT 2; SELECT 1/0", pgx.QueryExecModeSimpleProtocol)),
			counts: "sql=3 sql_unique=3 round_trips=1", pool: pool,
			events: "batch failed, query done, query done, query failed", logged: 1 - 3,
		},
		{
			name:   "a scan error in a string of which the last is refused",
			run:    fails(doScan("SELECT 'x'; SELECT 2; SELECT nothing", pgx.QueryExecModeSimpleProtocol)),
			counts: "sql=2 sql_unique=2 round_trips=1", pool: pool,
			events: "batch failed, query done, query done, query not sent", logged: 1 - 2,
		},
		{
			name: "a callback's error before a refusal", mode: pgx.QueryExecModeExec,
			run: fails(doSend(func() *pgx.Batch {
				b := secondRefused()
				b.QueuedQueries[0].QueryRow(func(pgx.Row) error { return errApp })
				return b
			})),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool,
			events: "batch failed, query unread, query not sent, query skipped",
		},
		{
			name: "a batch of which one is refused, read", mode: pgx.QueryExecModeExec,
			run: func(t *testing.T, ctx context.Context, db database) {
				results := db.SendBatch(ctx, secondRefused())
				for range 3 {
					_, _ = results.Exec()
				}
				mustFail(t, results.Close())
			},
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool,
			events: "batch failed, query done, query not sent, query skipped",
		},
		{
			name: "a batch of which one is refused, simple protocol", mode: pgx.QueryExecModeSimpleProtocol, run: fails(doSend(secondRefused)),
			counts: "sql=1 sql_unique=1 round_trips=1", pool: pool,
			events: "batch failed, query done, query not sent, query skipped",
		},
		{
			name:   "a string with a body that has semicolons",
			run:    does(doExec("CREATE OR REPLACE FUNCTION two() RETURNS int LANGUAGE SQL BEGIN ATOMIC SELECT 1; SELECT 2; END; SELECT 3")),
			counts: "sql=2 sql_unique=2 round_trips=1", pool: pool,
			events: "batch done, query done, query done", logged: 1 - 2,
		},
		{
			name: "a string as an item of a batch", mode: pgx.QueryExecModeSimpleProtocol,
			run:    does(doSend(func() *pgx.Batch { return queue("SELECT 1; SELECT 2", "SELECT 3") })),
			counts: "sql=3 sql_unique=3 round_trips=1", pool: pool,
			events: "batch done, batch done, query done, query done, query done", logged: 1 - 3,
		},
		{
			name: "a string that ends with its context",
			run: func(t *testing.T, ctx context.Context, db database) {
				ctx, atNotice = context.WithCancel(ctx)
				// The notice flushes the answers so far.
				_, err := db.Exec(ctx, "SELECT 1; SELECT 2; DO $$ BEGIN RAISE WARNING 'x'; PERFORM pg_sleep(60); END $$; SELECT 4")
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("error %v, want one of the context", err)
				}
			},
			notice: func() { atNotice() },
			counts: "sql=3 sql_unique=3 round_trips=1", pool: pool,
			events: "batch unknown, query done, query done, query unknown, query skipped", noWire: true, proxy: "any",
		},
		{
			name:   "large objects are read on",
			run:    does(inTx(doExec("SELECT lo_open(lo_create(0), 393216)", pgx.QueryExecModeExec), read, read, read)),
			counts: "sql=4 sql_unique=4 round_trips=6 tx=2", pool: pool,
			events: "tx done, query done, query done, query done, query done, tx done",
		},
	})
}

// Rows are closed after their connection.
func TestRowsClosedAfterTheirConnection(t *testing.T) {
	conn, r := recordedConn(t, schema, nil)
	recording := record(t, func(ctx context.Context) {
		rows, err := conn.Query(ctx, "SELECT 1", pgx.QueryExecModeExec)
		must(t, err)
		must(t, conn.Close(ctx))
		rows.Close()
	})
	if got := recording.Counts().SQL; got != 1 {
		t.Errorf("%d statements, want the one that was executed; events %s", got, describeEvents(recording))
	}
	balanced(t, r)
}

// A transaction belongs to the scope that began it.
func TestTransactionBelongsToItsScope(t *testing.T) {
	conn, r := recordedConn(t, schema, nil)
	background := context.Background()
	tx, err := conn.Begin(background)
	must(t, err)
	recording := record(t, func(ctx context.Context) { run(t, ctx, tx, "SELECT 1"); run(t, background, tx, "SELECT 2") })
	must(t, tx.Commit(background))
	equal(t, "events", describeEvents(recording), "query done")
	if got := len(r.Unattributed()); got != 3 {
		t.Errorf("%d entries are unattributed, want the begin, a statement and the commit: %v", got, r.Unattributed())
	}
}

// After hooks that change settings, an equal read is not a duplicate.
func TestHooksWrite(t *testing.T) {
	tenant := 0
	pool, _ := recordedPool(t, func(config *pgxpool.Config) {
		config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) {
			tenant++
			_, err := conn.Exec(ctx, "SELECT set_config('app.tenant', $1::int::text, false)", tenant)
			return true, err
		}
	})
	counts := record(t, func(ctx context.Context) {
		for range 2 {
			run(t, ctx, pool, "SELECT current_setting('app.tenant')")
		}
	}).Counts()
	if counts.SQL != 2 || counts.SQLUnique != 2 {
		t.Errorf("%d of %d are no repeats, want both", counts.SQLUnique, counts.SQL)
	}
}

// A hijacked connection belongs to no scope after its scope ended.
func TestHijack(t *testing.T) {
	pool, r := recordedPool(t, nil)
	ctx, scope := tracer.Start(t.Context(), "hijacks")
	leased, err := pool.Acquire(ctx)
	must(t, err)
	conn := leased.Hijack()
	defer conn.Close(context.Background())
	scope.End()
	other := record(t, func(ctx context.Context) { run(t, ctx, conn, "SELECT 1") })
	if got := other.Warnings(); len(got) > 0 {
		t.Errorf("warnings %q", got)
	}
	run(t, context.Background(), conn, "SELECT 2")
	if got := r.Unattributed(); len(got) != 1 || got[0].Late {
		t.Errorf("Unattributed() = %v, want the last statement", got)
	}
}

// pgconn's statements while it connects do not count.
func TestValidateConnect(t *testing.T) {
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config().ConnConfig
	given, err := pgx.ParseConfig("target_session_attrs=read-write")
	must(t, err)
	config.ValidateConnect = given.ValidateConnect
	r.Attach(config)
	record(t, func(ctx context.Context) {
		conn, err := pgx.ConnectConfig(ctx, config)
		must(t, err)
		run(t, ctx, conn, "SELECT 1")
		must(t, conn.Close(ctx))
	})
	if b := tracer.SumsOf(r); b.Err() != nil || b.Get("Unfinished") != 0 || b.Get("Hidden") == 0 {
		t.Errorf("Balance() = %s, %v", describeBalance(b), b.Err())
	}
}

// database/sql prepares each text under a name equal to the text.
func TestPreparesOfDatabaseSQL(t *testing.T) {
	db, r := recordedDB(t)
	recording := record(t, func(ctx context.Context) {
		statement, err := db.PrepareContext(ctx, "-- name: One :one\nSELECT $1::int")
		must(t, err)
		defer statement.Close()
		must(t, statement.QueryRowContext(ctx, 7).Scan(new(int)))
	})
	if got := recording.Counts().Statements["One"]; got != 1 {
		t.Errorf("statements %v", recording.Counts().Statements)
	}
	balanced(t, r)
}

// Totals are sums over all connections, open or closed.
func TestMismatchText(t *testing.T) {
	b := tracer.SumsFrom(map[string]int{"SQL": 1 << 33, "Wire": 1 << 33})
	if err := b.Err(); err != nil {
		t.Error(err)
	}
	b = tracer.SumsFrom(map[string]int{"SQL": 1 << 33, "Wire": 1<<33 + 1})
	if err := b.Err(); err == nil || !strings.Contains(err.Error(), "8589934592 statements counted, 8589934593 completed") {
		t.Errorf("got %v", err)
	}
}

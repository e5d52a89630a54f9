package tracer_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A warm recording has the counts of a connection that has done the same before.
func TestWarm(t *testing.T) {
	query := func(ctx context.Context, conn *pgxpool.Conn) error {
		return conn.QueryRow(ctx, "SELECT $1::int", 1).Scan(new(int))
	}
	batch := func(ctx context.Context, conn *pgxpool.Conn) error {
		var b pgx.Batch
		for i := range 3 {
			b.Queue(fmt.Sprintf("SELECT %d + $1::int", i), 1)
		}
		return conn.SendBatch(ctx, &b).Close()
	}
	within := func(ctx context.Context, conn *pgxpool.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(pgx.Tx) error { return query(ctx, conn) })
	}
	runs := 0
	other := func(ctx context.Context, conn *pgxpool.Conn) error {
		runs++
		return conn.QueryRow(ctx, fmt.Sprintf("SELECT %d + $1::int", runs), 1).Scan(new(int))
	}
	otherBatch := func(ctx context.Context, conn *pgxpool.Conn) error {
		runs++
		var b pgx.Batch
		b.Queue("SELECT $1::int", 1)
		b.Queue(fmt.Sprintf("SELECT %d - $1::int", runs), 1)
		return conn.SendBatch(ctx, &b).Close()
	}
	named := func(ctx context.Context, conn *pgxpool.Conn) error {
		_, err := conn.Conn().Prepare(ctx, "named", "SELECT $1::int")
		if err == nil {
			_, err = conn.Exec(ctx, "named", 1)
		}
		if err == nil {
			err = conn.Conn().Deallocate(ctx, "named")
		}
		return err
	}
	for _, test := range []struct {
		name       string
		mode       pgx.QueryExecMode
		run        func(context.Context, *pgxpool.Conn) error
		cold, warm string
	}{
		{"query", pgx.QueryExecModeCacheStatement, query,
			"sql=1 sql_unique=1 round_trips=2 prepare=1", "sql=1 sql_unique=1 round_trips=1"},
		{"query, cached description", pgx.QueryExecModeCacheDescribe, query,
			"sql=1 sql_unique=1 round_trips=2 prepare=1", "sql=1 sql_unique=1 round_trips=1"},
		{"query in a transaction", pgx.QueryExecModeCacheStatement, within,
			"sql=1 sql_unique=1 round_trips=4 tx=2 prepare=1", "sql=1 sql_unique=1 round_trips=3 tx=2"},
		{"batch", pgx.QueryExecModeCacheStatement, batch,
			"sql=3 sql_unique=3 round_trips=2", "sql=3 sql_unique=3 round_trips=1"},
		{"batch, cached descriptions", pgx.QueryExecModeCacheDescribe, batch,
			"sql=3 sql_unique=3 round_trips=2", "sql=3 sql_unique=3 round_trips=1"},
		// What is done each time stays.
		{"query that is described each time", pgx.QueryExecModeDescribeExec, query,
			"sql=1 sql_unique=1 round_trips=2 prepare=1", "sql=1 sql_unique=1 round_trips=2 prepare=1"},
		{"batch that is described each time", pgx.QueryExecModeDescribeExec, batch,
			"sql=3 sql_unique=3 round_trips=2", "sql=3 sql_unique=3 round_trips=2"},
		{"SQL that is another each time", pgx.QueryExecModeCacheStatement, other,
			"sql=1 sql_unique=1 round_trips=2 prepare=1", "sql=1 sql_unique=1 round_trips=2 prepare=1"},
		{"batch of which an item is another each time", pgx.QueryExecModeCacheStatement, otherBatch,
			"sql=2 sql_unique=2 round_trips=2", "sql=2 sql_unique=2 round_trips=2"},
		{"prepared by the application", pgx.QueryExecModeCacheStatement, named,
			"sql=1 sql_unique=1 round_trips=2 prepare=1", "sql=1 sql_unique=1 round_trips=2 prepare=1"},
		{"not prepared", pgx.QueryExecModeExec, query,
			"sql=1 sql_unique=1 round_trips=1", "sql=1 sql_unique=1 round_trips=1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pool, _ := recordedPool(t, func(config *pgxpool.Config) {
				config.ConnConfig.DefaultQueryExecMode = test.mode
			})
			on := func(conn *pgxpool.Conn) tracer.Recording {
				return record(t, func(ctx context.Context) { must(t, test.run(ctx, conn)) })
			}
			first, second := acquired(t, pool), acquired(t, pool)
			before, again := on(first), on(first)
			cold := on(second)
			if got := describeCounts(cold.Counts()); got != test.cold {
				t.Errorf("cold\n got %s\nwant %s", got, test.cold)
			}
			warm := cold.Warm(before, false)
			if got := describeCounts(warm.Counts()); got != test.warm {
				t.Errorf("warm\n got %s\nwant %s", got, test.warm)
			}
			if got, want := describeEvents(warm), describeEvents(again); got != want {
				t.Errorf("events\n got %s\nwant %s, as on the first connection", got, want)
			}
			for i, e := range warm.Events {
				if want := again.Events[i].Parent; e.Parent != want {
					t.Errorf("parent of event %d is %d, want %d", i, e.Parent, want)
				}
			}
			if got := describeCounts(cold.Counts()); got != test.cold {
				t.Errorf("Warm changed what it was called on, to %s", got)
			}
		})
	}
}

// What a new connection prepares is left out only of a pool that was in use before, and of
// one that was opened meanwhile only if that is asked for.
func TestWarmConnections(t *testing.T) {
	const (
		cold = "sql=1 sql_unique=1 round_trips=2 prepare=1"
		warm = "sql=1 sql_unique=1 round_trips=1"
	)
	type run = func(context.Context) error
	query := func(conn interface {
		QueryRow(context.Context, string, ...any) pgx.Row
	}) run {
		return func(ctx context.Context) error { return conn.QueryRow(ctx, "SELECT $1::int", 1).Scan(new(int)) }
	}
	for name, test := range map[string]struct {
		run          func(t *testing.T, pool *pgxpool.Pool) run
		want, opened string // without and with what was opened meanwhile
	}{
		"opened before": {func(t *testing.T, pool *pgxpool.Pool) run { return query(acquired(t, pool)) }, warm, warm},
		"opened meanwhile": {func(_ *testing.T, pool *pgxpool.Pool) run {
			return func(ctx context.Context) error {
				return pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error { return query(conn)(ctx) })
			}
		}, cold + " acquires=1 max_held=1", warm + " acquires=1 max_held=1"},
		"of another pool": {func(t *testing.T, pool *pgxpool.Pool) run {
			return query(acquired(t, newPool(t, pool.Config())))
		}, cold, cold},
		"of another pool, opened meanwhile": {func(t *testing.T, pool *pgxpool.Pool) run {
			return query(newPool(t, pool.Config()))
		}, cold + " acquires=1 max_held=1", cold + " acquires=1 max_held=1"},
		"of no pool": {func(t *testing.T, pool *pgxpool.Pool) run {
			return query(connect(t, pool.Config().ConnConfig))
		}, cold, cold},
	} {
		t.Run(name, func(t *testing.T) {
			pool, _ := recordedPool(t, nil)
			first := query(acquired(t, pool)) // and kept, so that others are new
			before := record(t, func(ctx context.Context) { must(t, first(ctx)) })
			then := test.run(t, pool)
			recording := record(t, func(ctx context.Context) { must(t, then(ctx)) })
			for opened, want := range map[bool]string{false: test.want, true: test.opened} {
				if got := describeCounts(recording.Warm(before, opened).Counts()); got != want {
					t.Errorf("opened %t\n got %s\nwant %s", opened, got, want)
				}
			}
		})
	}
}

// What a connection prepares over and over costs the same each time.
func TestWarmCacheThatIsTooSmall(t *testing.T) {
	pool, _ := recordedPool(t, func(config *pgxpool.Config) { config.ConnConfig.StatementCacheCapacity = 1 })
	work := func(ctx context.Context) {
		for _, sql := range []string{"SELECT $1::int", "SELECT 1 + $1::int", "SELECT $1::int"} {
			must(t, pool.QueryRow(ctx, sql, 1).Scan(new(int)))
		}
	}
	before := record(t, work)
	want := record(t, work)
	if n := want.Counts().Prepare; n != 2 {
		t.Errorf("%d prepares, and the test is about 2", n)
	}
	if got := want.Warm(before, true); describeCounts(got.Counts()) != describeCounts(want.Counts()) {
		t.Errorf("warm\n got %s\nwant %s", describeCounts(got.Counts()), describeCounts(want.Counts()))
	}
}

func acquired(t *testing.T, pool *pgxpool.Pool) *pgxpool.Conn {
	t.Helper()
	conn, err := pool.Acquire(t.Context())
	must(t, err)
	t.Cleanup(conn.Release)
	return conn
}

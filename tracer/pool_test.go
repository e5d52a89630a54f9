package tracer_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestLeases(t *testing.T) {
	acquire := func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) *pgxpool.Conn {
		t.Helper()
		c, err := pool.Acquire(ctx)
		must(t, err)
		return c
	}
	for _, c := range []struct {
		name, want string
		run        func(t *testing.T, ctx context.Context, pool *pgxpool.Pool)
	}{
		{"one after the other", "sql=3 sql_unique=1 round_trips=3 acquires=3 max_held=1", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			for range 3 {
				c := acquire(t, ctx, pool)
				run(t, ctx, c, "SELECT 1")
				c.Release()
			}
		}},
		{"two at once", "acquires=3 max_held=2", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			a, b := acquire(t, ctx, pool), acquire(t, ctx, pool)
			a.Release()
			b.Release()
			acquire(t, ctx, pool).Release()
		}},
		// begin and commit hold one, the query two.
		{"query of the pool inside a transaction", "sql=1 sql_unique=1 round_trips=3 tx=2 acquires=2 max_held=2 conn_trips=4", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			must(t, inTx(func(ctx context.Context, _ database) error { return execute(ctx, pool, "SELECT 1") })(ctx, pool))
		}},
		{"AcquireFunc inside AcquireFunc", "sql=1 sql_unique=1 round_trips=1 acquires=2 max_held=2 conn_trips=2", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			must(t, pool.AcquireFunc(ctx, func(*pgxpool.Conn) error {
				return pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error { return execute(ctx, c, "SELECT 1") })
			}))
		}},
		// The rows hold one meanwhile.
		{"query while rows are open", "sql=4 sql_unique=2 round_trips=4 acquires=4 max_held=2 conn_trips=7", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			rows, err := pool.Query(ctx, "SELECT generate_series(1, 3)", pgx.QueryExecModeExec)
			must(t, err)
			for rows.Next() {
				run(t, ctx, pool, "SELECT 1")
			}
		}},
		{"released without a context of the scope", "acquires=2 max_held=1", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			c := acquire(t, ctx, pool)
			var wg sync.WaitGroup
			wg.Go(c.Release)
			wg.Wait()
			acquire(t, ctx, pool).Release()
		}},
		{"closed by the application", "acquires=2 max_held=1", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			c := acquire(t, ctx, pool)
			must(t, c.Conn().Close(ctx))
			c.Release()
			acquire(t, ctx, pool).Release()
		}},
		{"a connection that another context leased", "sql=1 sql_unique=1 round_trips=1", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			c := acquire(t, t.Context(), pool)
			run(t, ctx, c, "SELECT 1")
			c.Release()
		}},
		{"on one that another context leased, and on one of its own", "sql=2 sql_unique=1 round_trips=2 acquires=1 max_held=1 conn_trips=1", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			c := acquire(t, t.Context(), pool)
			run(t, ctx, c, "SELECT 1")
			run(t, ctx, pool, "SELECT 1")
			c.Release()
		}},
		{"a transaction with a batch, while another connection is idle", "sql=2 sql_unique=2 round_trips=3 tx=2 acquires=2 max_held=2 conn_trips=6", func(t *testing.T, ctx context.Context, pool *pgxpool.Pool) {
			idle := acquire(t, ctx, pool)
			must(t, inTx(doSend(func() *pgx.Batch { return queue("SELECT 1", "SELECT 2") }))(ctx, pool))
			idle.Release()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool, _ := recordedPool(t, nil)
			counts := record(t, func(ctx context.Context) { c.run(t, ctx, pool) }).Counts()
			equal(t, "counts", describeCounts(counts), c.want)
		})
	}
}

// A failed acquire does not count.
func TestFailedAcquire(t *testing.T) {
	pool, _ := recordedPool(t, func(config *pgxpool.Config) { config.MaxConns = 1 })
	must(t, pool.AcquireFunc(t.Context(), func(*pgxpool.Conn) error {
		counts := record(t, func(ctx context.Context) {
			ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			if _, err := pool.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("error %v, want one of the deadline", err)
			}
		}).Counts()
		equal(t, "counts", describeCounts(counts), "")
		return nil
	}))
}

// A connection outlives the scope that leased it. Its release then belongs neither to that scope
// nor to the next one.
func TestReleaseAfterEnd(t *testing.T) {
	pool, _ := recordedPool(t, nil)
	ctx, first := tracer.Start(t.Context(), "first")
	c, err := pool.Acquire(ctx)
	must(t, err)
	before := describeCounts(first.End().Counts())
	second := record(t, func(ctx context.Context) {
		c.Release()
		must(t, pool.AcquireFunc(ctx, func(*pgxpool.Conn) error { return nil }))
	})
	if got, want := before, "acquires=1 max_held=1"; got != want {
		t.Errorf("counts of the first scope\n got %s\nwant %s", got, want)
	}
	equal(t, "counts of the first scope after the release", describeCounts(first.End().Counts()), before)
	equal(t, "counts of the second scope", describeCounts(withPrepares(second)), "acquires=1 max_held=1")
}

// An acquire that was waiting when the scope ended does not change it.
func TestAcquireAfterEnd(t *testing.T) {
	pool, _ := recordedPool(t, func(config *pgxpool.Config) { config.MaxConns = 1 })
	ctx, scope := tracer.Start(t.Context(), "waiting")
	ctx, waiting := onDone(ctx)
	busy, err := pool.Acquire(t.Context())
	must(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		c, err := pool.Acquire(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		c.Release()
	})
	<-waiting
	before := scope.End()
	busy.Release()
	wg.Wait()
	if got := scope.End(); got.MaxHeld != before.MaxHeld {
		t.Errorf("MaxHeld %d at the first End and %d at the second", before.MaxHeld, got.MaxHeld)
	}
	equal(t, "counts", describeCounts(withPrepares(before)), "")
}

// onDone returns ctx with a channel that is closed when something waits for ctx.
func onDone(ctx context.Context) (context.Context, <-chan struct{}) {
	c := &doneContext{Context: ctx, asked: make(chan struct{})}
	return c, c.asked
}

type doneContext struct {
	context.Context
	once  sync.Once
	asked chan struct{}
}

func (c *doneContext) Done() <-chan struct{} {
	c.once.Do(func() { close(c.asked) })
	return c.Context.Done()
}

// The work of pool hooks depends on the connection that the pool returns, so it must not count.
func TestHooksAreSetup(t *testing.T) {
	set, scan := doExec("SET application_name = 'hook'"), doScan("SELECT $1::int", 1)
	for _, c := range []struct {
		name string
		hook op
	}{
		{"queries", func(ctx context.Context, db database) error { return errors.Join(set(ctx, db), scan(ctx, db)) }},
		{"transaction", inTx(set, scan)},
		{"LoadType", func(ctx context.Context, db database) error {
			_, err := db.(*pgx.Conn).LoadType(ctx, "item")
			return err
		}},
		{"Prepare", func(ctx context.Context, db database) error {
			_, err := db.(*pgx.Conn).Prepare(ctx, "find", selectOne)
			return err
		}},
		{"batch", doSend(func() *pgx.Batch { return quotients(10, 20) })},
		{"copy", doCopy("item")},
	} {
		for _, which := range []string{"AfterConnect", "PrepareConn"} {
			t.Run(c.name+" in "+which, func(t *testing.T) {
				pool, r := recordedPool(t, func(config *pgxpool.Config) {
					if which == "AfterConnect" {
						config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return c.hook(ctx, conn) }
					} else {
						config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) { return true, c.hook(ctx, conn) }
					}
				})
				recording := record(t, func(ctx context.Context) {
					run(t, ctx, pool, "SELECT 1")
				})
				equal(t, "counts", describeCounts(withPrepares(recording)), "sql=1 sql_unique=1 round_trips=1 acquires=1 max_held=1")
				for i, e := range recording.Events {
					switch last := i == len(recording.Events)-1; {
					case e.Kind == tracer.KindAcquire, e.Kind == tracer.KindConnect, e.Kind == tracer.KindSetup && !last, e.Kind == tracer.KindQuery && last:
					default:
						t.Errorf("event %d is a %s, want setup up to the application's query: %s", i, e.Kind, describeEvents(recording))
					}
				}
				must(t, pool.AcquireFunc(t.Context(), func(*pgxpool.Conn) error {
					return pool.AcquireFunc(t.Context(), func(*pgxpool.Conn) error { return nil }) // a new connection
				}))
				noStrays(t, r)
			})
		}
	}
}

// A connection outside a pool has no hooks: statements before its first use count.
func TestConnectIsNoStatement(t *testing.T) {
	var r tracer.Recorder
	config := pgtest.Pool(t, schema).Config().ConnConfig
	r.Attach(config)
	recording := record(t, func(ctx context.Context) {
		conn, err := pgx.ConnectConfig(ctx, config)
		must(t, err)
		must(t, conn.Ping(ctx))
		must(t, conn.Close(ctx))
	})
	equal(t, "events", describeEvents(recording), "connect done")
	equal(t, "counts", describeCounts(withPrepares(recording)), "")
	config.Port = 1
	config.Host = "127.0.0.1"
	config.Fallbacks = nil
	recording = record(t, func(ctx context.Context) {
		_, err := pgx.ConnectConfig(ctx, config)
		mustFail(t, err)
	})
	equal(t, "events", describeEvents(recording), "connect failed")
}

func TestMaxHeldOfScope(t *testing.T) {
	pool, _ := recordedPool(t, nil)
	ctx, outer := tracer.Start(t.Context(), "outer")
	must(t, pool.AcquireFunc(ctx, func(*pgxpool.Conn) error {
		inner, scope := tracer.Start(ctx, "inner")
		must(t, pool.AcquireFunc(inner, func(*pgxpool.Conn) error { return nil }))
		if got := scope.End().MaxHeld; got != 1 {
			t.Errorf("the inner scope held %d, want 1", got)
		}
		return nil
	}))
	if got := outer.End().MaxHeld; got != 1 {
		t.Errorf("the outer scope held %d, want 1", got)
	}
}

func TestAcquireAllIdle(t *testing.T) {
	pool, _ := recordedPool(t, nil)
	must(t, pool.AcquireFunc(t.Context(), func(*pgxpool.Conn) error { return nil }))
	counts := record(t, func(ctx context.Context) {
		idle := pool.AcquireAllIdle(ctx)
		if len(idle) != 1 {
			t.Fatalf("%d idle connections, want 1", len(idle))
		}
		for _, c := range idle {
			c.Release()
		}
	}).Counts()
	equal(t, "counts", describeCounts(counts), "")
}

// Pools do not report AcquireAllIdle. Work of the application on such connections is its own;
// work of hooks is not.
func TestWorkOnIdleConnections(t *testing.T) {
	hook := func(ctx context.Context, conn *pgx.Conn) bool { return execute(ctx, conn, "SELECT 'hook'") == nil }
	pool, r := recordedPool(t, func(config *pgxpool.Config) {
		config.MaxConns = 1
		config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) { return hook(ctx, conn), nil }
		config.AfterRelease = func(conn *pgx.Conn) bool { return hook(context.Background(), conn) }
		config.BeforeClose = func(conn *pgx.Conn) { hook(context.Background(), conn) }
	})
	must(t, pool.Ping(t.Context()))
	for all := pool.AcquireAllIdle(t.Context()); ; all = pool.AcquireAllIdle(t.Context()) {
		for _, conn := range all {
			run(t, t.Context(), conn, "-- name: Own :one\nSELECT 1")
			_, err := conn.Conn().Prepare(t.Context(), "", "SELECT 2")
			must(t, err)
			conn.Release()
		}
		if len(all) > 0 { // else the hook is still at it
			break
		}
	}
	recording := record(t, func(ctx context.Context) { run(t, ctx, pool, "SELECT 3") })
	equal(t, "events", describeEvents(recording), "setup done, query done")
	pool.Close()
	if got := fmt.Sprint(r.Unattributed()); got != "[Own ×1]" {
		t.Errorf("Unattributed() = %s, want what the application did itself", got)
	}
	const hooks = 2 + 2 + 2 + 1 // before and after each of three uses, and at the end
	if b := tracer.SumsOf(r); b.Err() != nil || b.Get("Unattributed") != 1 || b.Get("Setup") != hooks {
		t.Errorf("balance %s, %v, want 1 unattributed and %d of the hooks", describeBalance(b), b.Err(), hooks)
	}
}

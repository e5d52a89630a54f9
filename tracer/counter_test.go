package tracer_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestCounter(t *testing.T) {
	pool, r := recordedPool(t, nil)
	ctx, counter := tracer.Count(t.Context())
	if got := counter.Totals(); got != (tracer.Totals{}) {
		t.Errorf("Totals() = %+v of nothing", got)
	}
	authorize := checked(r, nil)
	must(t, pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		run(t, ctx, tx, selectOne, 1)
		return tx.SendBatch(ctx, quotients(10, 20)).Close()
	}))
	must(t, copyItems(ctx, pool, "item", []any{1, "a"}))
	must(t, authorize(ctx, "ann", "read", "1"))
	_, err := pool.Exec(ctx, "SELEC $1", 1)
	mustFail(t, err) // never executed
	_, err = pool.Exec(ctx, "SELECT 1/0")
	mustFail(t, err) // executed
	want := tracer.Totals{SQL: 5, RBAC: 1, Tx: 2, Prepare: 3, Acquires: 4}
	if got := counter.Totals(); got != want {
		t.Errorf("Totals() = %+v, want %+v", got, want)
	}
	noStrays(t, r)
	balanced(t, r)
}

// Statements of the pool's hooks are no part of the work, as in a scope. That includes those on a
// connection that nobody asked for.
func TestCounterWithoutHooks(t *testing.T) {
	connected := make(chan bool, 10)
	pool, r := recordedPool(t, func(config *pgxpool.Config) {
		config.MinConns = 2
		config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "SELECT 'hook'")
			connected <- true
			return err
		}
		config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) {
			_, err := conn.Exec(ctx, "SELECT 'prepare'")
			return true, err
		}
	})
	<-connected
	<-connected
	ctx, counter := tracer.Count(t.Context())
	run(t, ctx, pool, selectOne, 1)
	if got := counter.Totals(); got.SQL != 1 {
		t.Errorf("Totals() = %+v, want one statement", got)
	}
	noStrays(t, r)
	balanced(t, r)
}

// The innermost scope or counter gets the work.
func TestCounterInScope(t *testing.T) {
	var (
		r       tracer.Recorder
		counter *tracer.Counter
		inner   tracer.Recording
	)
	outer := record(t, func(ctx context.Context) {
		query(ctx, tracer.HooksOf(&r), "SELECT 1")
		ctx, counter = tracer.Count(ctx)
		query(ctx, tracer.HooksOf(&r), "SELECT 2")
		ctx, scope := tracer.Start(ctx, "inner")
		query(ctx, tracer.HooksOf(&r), "SELECT 3")
		inner = scope.End()
	})
	if a, b, c := outer.Counts().SQL, counter.Totals().SQL, inner.Counts().SQL; a != 1 || b != 1 || c != 1 {
		t.Errorf("%d statements outside, %d counted and %d inside, want 1 each", a, b, c)
	}
	if outer.Inner != 2 || inner.Inner != 0 {
		t.Errorf("Inner = %d outside and %d inside, want 2 and 0", outer.Inner, inner.Inner)
	}
}

// Work that is only counted or has no scope does not allocate, so the Recorder can stay in
// production code.
func TestNoAllocations(t *testing.T) {
	r := &tracer.Recorder{}
	config := pgtest.Pool(t, schema).Config().ConnConfig
	config.Tracer = tracer.HooksOf(r) // not attached, as nothing is sent
	conn := connect(t, config)
	ctx, _ := tracer.Count(t.Context())
	for name, ctx := range map[string]context.Context{"counter": ctx, "no scope": t.Context()} {
		start, end := pgx.TraceQueryStartData{SQL: selectOne, Args: []any{1}}, pgx.TraceQueryEndData{}
		if got := testing.AllocsPerRun(1000, func() {
			tracer.HooksOf(r).TraceQueryEnd(tracer.HooksOf(r).TraceQueryStart(ctx, conn, start), conn, end)
		}); got != 0 {
			t.Errorf("%s: %v allocations for a statement, want none", name, got)
		}
	}
}

package tracer_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// kept returns by how many bytes work increases the heap.
func kept(work func()) int {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	work()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return int(after.HeapAlloc) - int(before.HeapAlloc)
}

// large returns a unique statement of a size.
func large(i, size int) string {
	return fmt.Sprintf("-- name: Large%d :one\nSELECT %d, '%s'", i, i, strings.Repeat("x", size))
}

// Memory kept after a call does not grow with the size or number of statements.
func TestTextIsBounded(t *testing.T) {
	const n, size = 64, 1 << 20
	for _, c := range []struct {
		name string
		err  error
		ctx  func(ctx context.Context) (context.Context, any)
		want int
	}{
		{name: "without a scope", want: 2 << 20},
		{name: "without a scope, not sent", err: &pgconn.PrepareError{}, want: 2 << 20},
		{name: "in a counter", want: 1 << 20, ctx: func(ctx context.Context) (context.Context, any) {
			ctx, counter := tracer.Count(ctx)
			return ctx, counter
		}},
		{name: "in a scope", want: 20 << 20, ctx: func(ctx context.Context) (context.Context, any) {
			ctx, scope := tracer.Start(ctx, "large")
			return ctx, scope
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, r := recordedConn(t, "", nil)
			ctx, holder := t.Context(), any(nil)
			if c.ctx != nil {
				ctx, holder = c.ctx(ctx)
			}
			got := kept(func() {
				for i := range n {
					// Done without an answer on the wire is a mismatch too.
					end := pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 1"), Err: c.err}
					sql := large(i, size)
					tracer.HooksOf(r).TraceQueryEnd(tracer.HooksOf(r).TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: sql}), conn, end)
					started := tracer.HooksOf(r).TracePrepareStart(ctx, conn, pgx.TracePrepareStartData{Name: fmt.Sprint("p", i), SQL: sql})
					tracer.HooksOf(r).TracePrepareEnd(started, conn, pgx.TracePrepareEndData{})
					b := &pgx.Batch{}
					b.Queue(sql)
					tracer.HooksOf(r).TraceBatchEnd(tracer.HooksOf(r).TraceBatchStart(ctx, conn, pgx.TraceBatchStartData{Batch: b}), conn, pgx.TraceBatchEndData{})
				}
			})
			// A connection keeps its prepared names until it is closed.
			if want := c.want + 8<<20; got > want {
				t.Errorf("%d MiB are kept of %d MiB, want at most %d", got>>20, 3*n*size>>20, want>>20)
			}
			if list := r.Unattributed(); c.ctx == nil && c.err == nil && list[0].Name != "Large0" {
				t.Errorf("the first is called %q", list[0].Name)
			}
			runtime.KeepAlive(holder)
			runtime.KeepAlive(r)
		})
	}
}

// The same holds for strings of several statements and statements with a semicolon, on any
// connection and in a batch. Their number is known without the text.
func TestTextOfStringsIsBounded(t *testing.T) {
	const n, size, bound = 40, 1 << 20, 20 << 20
	setup := pgtest.Pool(t, schema)
	one := func(i int) string { return fmt.Sprintf("SELECT %d, 'a;%s'", i, strings.Repeat("x", size)) }
	two := func(i int) string { return one(i) + "; SELECT 2" }
	item := func(i int) string {
		return fmt.Sprintf("INSERT INTO item VALUES (%d, 'a;%s')", i, strings.Repeat("x", size))
	}
	for _, c := range []struct {
		name  string
		sql   func(i int) string
		batch bool
		want  int
	}{
		{"a semicolon", one, false, n},
		{"two statements", two, false, 2 * n},
		{"items of batches", item, true, n},
		{"items of two statements", two, true, 2 * n},
	} {
		r := &tracer.Recorder{Stacks: true}
		config := setup.Config().ConnConfig
		config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
		r.Attach(config)
		conn := connect(t, config)
		run(t, t.Context(), conn, "TRUNCATE item")
		ctx, scope := tracer.Start(t.Context(), c.name)
		got := kept(func() {
			for i := range n {
				if !c.batch {
					run(t, ctx, conn, c.sql(i))
					continue
				}
				b := &pgx.Batch{}
				b.Queue(c.sql(i))
				must(t, conn.SendBatch(ctx, b).Close())
			}
		})
		if got > bound+8<<20 {
			t.Errorf("%s: %d MiB are kept of %d MiB, want at most %d", c.name, got>>20, n*size>>20, bound>>20)
		}
		recording := scope.End()
		if counts := recording.Counts(); counts.SQL != c.want || counts.SQLUnique != c.want {
			t.Errorf("%s: %d statements, %d of them unique, want %d", c.name, counts.SQL, counts.SQLUnique, c.want)
		}
		balanced(t, r, c.name)
	}
}

// A scope keeps the beginning of a very large statement. It counts like others, and equal ones
// are equal.
func TestLongStatements(t *testing.T) {
	conn, r := recordedConn(t, "", func(config *pgx.ConnConfig) { config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol })
	counts := record(t, func(ctx context.Context) {
		for i := range 10 {
			run(t, ctx, conn, large(i, 3<<20))
		}
		for range 3 {
			run(t, ctx, conn, "/*"+strings.Repeat("x", 3<<20)+"*/ SELECT 1; SELECT 2")
		}
	}).Counts()
	if counts.SQL != 16 || counts.RoundTrips != 13 || counts.Statements["Large9"] != 1 {
		t.Errorf("counts %+v", counts)
	}
	balanced(t, r)
}

// TestRecorderGoesWithItsConnections drops Recorders with their connections.
func TestRecorderGoesWithItsConnections(t *testing.T) {
	opened := func() weak.Pointer[tracer.Recorder] {
		r := &tracer.Recorder{}
		config := tracer.Scripted(t)
		r.Attach(config)
		conn, err := pgx.ConnectConfig(t.Context(), config)
		must(t, err)
		must(t, conn.Close(t.Context()))
		return weak.Make(r)
	}
	left := opened()
	await.Until(t, "the Recorder to be collected", func() bool {
		runtime.GC()
		return left.Value() == nil
	})
}

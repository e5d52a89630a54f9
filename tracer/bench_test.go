package tracer_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// perScope is the number of events in each benchmarked scope: more than in a request, so that the
// cost of a scope is negligible.
const perScope = 256

// benchmarkScoped runs work b.N times in scopes that it never ends, because naming is not
// measured.
func benchmarkScoped(b *testing.B, work func(ctx context.Context)) {
	b.ReportAllocs()
	var ctx context.Context
	for i := 0; b.Loop(); i++ {
		if i%perScope == 0 {
			ctx, _ = tracer.Start(context.Background(), "benchmark")
		}
		work(ctx)
	}
}

func BenchmarkQuery(b *testing.B) {
	var (
		r     tracer.Recorder
		start = pgx.TraceQueryStartData{SQL: selectOne, Args: []any{42, "a"}}
		end   = pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 1")}
	)
	work := func(ctx context.Context) {
		tracer.HooksOf(&r).TraceQueryEnd(tracer.HooksOf(&r).TraceQueryStart(ctx, nil, start), nil, end)
	}
	b.Run("scope", func(b *testing.B) { benchmarkScoped(b, work) })
	b.Run("no scope", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			work(b.Context())
		}
	})
	b.Run("parallel scopes", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			var ctx context.Context
			for i := 0; pb.Next(); i++ {
				if i%perScope == 0 {
					ctx, _ = tracer.Start(context.Background(), "benchmark")
				}
				work(ctx)
			}
		})
	})
}

// Benchmarks have short stacks, handlers do not.
func BenchmarkStacks(b *testing.B) {
	for _, stacks := range []bool{false, true} {
		r := &tracer.Recorder{Stacks: stacks}
		for _, depth := range []int{0, 50} {
			b.Run(fmt.Sprintf("stacks=%v/depth=%d", stacks, depth), func(b *testing.B) {
				deepen(depth, func() {
					benchmarkScoped(b, func(ctx context.Context) { query(ctx, tracer.HooksOf(r), selectOne) })
				})
			})
		}
	}
}

// deepen calls f below depth more calls.
//
//go:noinline
func deepen(depth int, f func()) {
	if depth > 0 {
		deepen(depth-1, f)
		return
	}
	f()
}

func BenchmarkCheck(b *testing.B) {
	var r tracer.Recorder
	authorize := tracer.CountChecks(&r,
		func(context.Context, string, string, string) error { return nil },
		func(action, _ string) string { return action })
	benchmarkScoped(b, func(ctx context.Context) { _ = authorize(ctx, "ann", "read", "1") })
}

func BenchmarkStatementName(b *testing.B) {
	for _, c := range []struct{ name, sql string }{
		{"header", "-- name: GetItem :one\n" + selectOne},
		{"normalized", selectOne},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tracer.StatementName(c.sql)
			}
		})
	}
}

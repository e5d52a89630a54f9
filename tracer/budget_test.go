package tracer_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// The bytes that a statement may allocate, with its share of the scope. Unlike times they do not
// vary.
const (
	recordBudget = 200
	siteBudget   = 256
)

func TestBudgets(t *testing.T) {
	scope := func(ctx context.Context) context.Context { ctx, _ = tracer.Start(ctx, "request"); return ctx }
	counter := func(ctx context.Context) context.Context { ctx, _ = tracer.Count(ctx); return ctx }
	config := pgtest.Pool(t, schema).Config().ConnConfig
	start := pgx.TraceQueryStartData{SQL: selectOne, Args: []any{42}}
	end := pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 1")}
	for _, c := range []struct {
		name     string
		recorder *tracer.Recorder
		start    func(ctx context.Context) context.Context
		bytes    uint64
	}{
		{"count", &tracer.Recorder{}, counter, 8}, // the counter itself, shared by a request's statements
		{"idle", &tracer.Recorder{}, func(ctx context.Context) context.Context { return ctx }, 0},
		{"record", &tracer.Recorder{}, scope, recordBudget},
		{"record+site", &tracer.Recorder{Sites: true}, scope, siteBudget},
	} {
		config := config.Copy()
		config.Tracer = tracer.HooksOf(c.recorder) // not attached, as nothing is sent
		conn := connect(t, config)
		const requests, each = 100, 256
		work := func() {
			for range requests {
				ctx := c.start(context.Background())
				for range each {
					tracer.HooksOf(c.recorder).TraceQueryEnd(tracer.HooksOf(c.recorder).TraceQueryStart(ctx, conn, start), conn, end)
				}
			}
		}
		work() // fills what is remembered
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		work()
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) / (requests * each); got > c.bytes {
			t.Errorf("%s: %d B for each statement, want at most %d", c.name, got, c.bytes)
		}
		if got := float64(after.Mallocs-before.Mallocs) / (requests * each); got > 0.1 {
			t.Errorf("%s: %.2f allocations for each statement, want next to none", c.name, got)
		}
	}
}

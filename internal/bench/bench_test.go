package bench

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/tracelog"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// perScope is the number of statements in a scope. It is larger than that of a request, so that the
// cost of the scope does not show.
const perScope = 256

// A subject is a tracer to measure.
type subject struct {
	name   string
	tracer pgx.QueryTracer
	// start returns the context of the next perScope statements.
	start func(ctx context.Context) context.Context
	// attach replaces setting the tracer, if it is not nil.
	attach func(config *pgx.ConnConfig)
}

func subjects() []subject {
	plain := func(ctx context.Context) context.Context { return ctx }
	scope := func(ctx context.Context) context.Context { ctx, _ = tracer.Start(ctx, "request"); return ctx }
	counter := func(ctx context.Context) context.Context { ctx, _ = tracer.Count(ctx); return ctx }
	attached := func(r *tracer.Recorder) pgx.QueryTracer {
		var config pgx.ConnConfig
		r.Attach(&config)
		return config.Tracer
	}
	watched, watchedSites := &tracer.Recorder{}, &tracer.Recorder{Sites: true}
	exported := trace.NewTracerProvider(trace.WithSyncer(tracetest.NewNoopExporter()))
	return []subject{
		{name: "none", start: plain},
		{name: "count", tracer: attached(&tracer.Recorder{}), start: counter},
		{name: "idle", tracer: attached(&tracer.Recorder{}), start: plain},
		{name: "record", tracer: attached(&tracer.Recorder{}), start: scope},
		{name: "record+site", tracer: attached(&tracer.Recorder{Sites: true}), start: scope},
		{name: "record+wire", tracer: attached(watched), start: scope, attach: watched.Attach},
		{name: "record+site+wire", tracer: attached(watchedSites), start: scope, attach: watchedSites.Attach},
		{name: "tracelog-none", tracer: &tracelog.TraceLog{Logger: silent{}, LogLevel: tracelog.LogLevelNone}, start: plain},
		{name: "otelpgx-noop", tracer: otelpgx.NewTracer(otelpgx.WithTracerProvider(noop.NewTracerProvider())), start: plain},
		{name: "otelpgx-sdk", tracer: otelpgx.NewTracer(otelpgx.WithTracerProvider(exported)), start: func(ctx context.Context) context.Context {
			ctx, _ = exported.Tracer("request").Start(ctx, "request")
			return ctx
		}},
	}
}

type silent struct{}

func (silent) Log(context.Context, tracelog.LogLevel, string, map[string]any) {}

const selectOne = "-- name: One :one\nSELECT $1::int"

// BenchmarkCall measures a tracer's work for one statement that is not sent.
func BenchmarkCall(b *testing.B) {
	for _, s := range subjects() {
		if s.tracer == nil || s.attach != nil { // there is no answer to read
			continue
		}
		b.Run("tracer="+s.name, func(b *testing.B) {
			config := pgtest.Pool(b, "").Config().ConnConfig
			config.Tracer = s.tracer
			conn := connect(b, config)
			start := pgx.TraceQueryStartData{SQL: selectOne, Args: []any{42}}
			end := pgx.TraceQueryEndData{CommandTag: pgconn.NewCommandTag("SELECT 1")}
			b.ReportAllocs()
			deepen(20, func() {
				var ctx context.Context
				for i := 0; b.Loop(); i++ {
					if i%perScope == 0 {
						ctx = request(s)
					}
					s.tracer.TraceQueryEnd(s.tracer.TraceQueryStart(ctx, conn, start), conn, end)
				}
			})
		})
	}
}

// BenchmarkQuery measures a statement from the call to its row.
func BenchmarkQuery(b *testing.B) {
	for _, s := range subjects() {
		b.Run("tracer="+s.name, func(b *testing.B) {
			config := pgtest.Pool(b, "").Config().ConnConfig
			config.Tracer = s.tracer
			if s.attach != nil {
				config.Tracer = nil
				s.attach(config)
			}
			conn := connect(b, config)
			b.ReportAllocs()
			deepen(20, func() {
				var (
					ctx context.Context
					n   int
				)
				for i := 0; b.Loop(); i++ {
					if i%perScope == 0 {
						ctx = request(s)
					}
					if err := conn.QueryRow(ctx, selectOne, 42).Scan(&n); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// BenchmarkBatch measures a large batch from the first to the last result.
func BenchmarkBatch(b *testing.B) {
	const items = 10_000
	for _, s := range subjects() {
		if s.name != "none" && s.name != "record+wire" {
			continue
		}
		b.Run("tracer="+s.name, func(b *testing.B) {
			config := pgtest.Pool(b, "").Config().ConnConfig
			if s.attach != nil {
				s.attach(config)
			}
			conn := connect(b, config)
			for b.Loop() {
				batch := &pgx.Batch{}
				for i := range items {
					batch.Queue(selectOne, i)
				}
				if err := conn.SendBatch(request(s), batch).Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type valueKey int

// request returns a context like a handler's, with values and a deadline.
func request(s subject) context.Context {
	ctx := context.WithValue(context.Background(), valueKey(0), 0)
	ctx = s.start(context.WithValue(ctx, valueKey(1), 1))
	ctx = context.WithValue(ctx, valueKey(2), 2)
	ctx, cancel := context.WithTimeout(ctx, time.Hour)
	_ = cancel // the benchmark needs it until the end
	return context.WithValue(ctx, valueKey(3), 3)
}

// deepen runs f below depth more calls, like a handler below middleware.
//
//go:noinline
func deepen(depth int, f func()) {
	if depth > 0 {
		deepen(depth-1, f)
		return
	}
	f()
}

func connect(b *testing.B, config *pgx.ConnConfig) *pgx.Conn {
	b.Helper()
	conn, err := pgx.ConnectConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

package bench

import (
	"context"
	"testing"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/tracelog"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestBesideOthers combines a Recorder with tracers that put spans into the context, in both
// orders. Both must see all statements.
func TestBesideOthers(t *testing.T) {
	for name, compose := range map[string]func(r *tracer.Recorder, other pgx.QueryTracer, config *pgx.ConnConfig){
		"after": func(r *tracer.Recorder, other pgx.QueryTracer, config *pgx.ConnConfig) {
			config.Tracer = other
			r.Attach(config)
		},
		"before": func(r *tracer.Recorder, other pgx.QueryTracer, config *pgx.ConnConfig) {
			r.Attach(config)
			config.Tracer = multitracer.New(config.Tracer, other)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var (
				r     tracer.Recorder
				spans = tracetest.NewInMemoryExporter()
				sdk   = trace.NewTracerProvider(trace.WithSyncer(spans))
				otel  = otelpgx.NewTracer(otelpgx.WithTracerProvider(sdk))
			)
			config := pgtest.Pool(t, "CREATE TABLE item (id int)").Config()
			compose(&r, multitracer.New(otel, &tracelog.TraceLog{Logger: silent{}, LogLevel: tracelog.LogLevelTrace}), config.ConnConfig)
			pool, err := pgxpool.NewWithConfig(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			if err := pool.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			spans.Reset()
			ctx, span := sdk.Tracer(name).Start(t.Context(), "request")
			defer span.End()
			ctx, scope := tracer.Start(ctx, name)
			err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
				batch := &pgx.Batch{}
				batch.Queue(selectOne, 1)
				batch.Queue(selectOne, 2)
				if err := tx.SendBatch(ctx, batch).Close(); err != nil {
					return err
				}
				if _, err := tx.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id"}, pgx.CopyFromRows([][]any{{1}})); err != nil {
					return err
				}
				return tx.QueryRow(context.WithoutCancel(ctx), selectOne, 3).Scan(new(int))
			})
			if err != nil {
				t.Fatal(err)
			}
			counts := scope.End().Counts()
			if counts.SQL != 4 || counts.SQLUnique != 4 || counts.Tx != 2 || counts.Prepare != 1 || counts.Acquires != 1 || counts.RoundTrips != 5 {
				t.Errorf("counts %+v", counts)
			}
			if list := r.Unattributed(); len(list) > 0 {
				t.Errorf("unattributed %v", list)
			}
			if err := r.Balance(); err != nil {
				t.Error(err)
			}
			if n := len(spans.GetSpans()); n < 6 {
				t.Errorf("the other tracer has %d spans", n)
			}
		})
	}
}

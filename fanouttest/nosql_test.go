package fanouttest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// NoSQL must be set exactly if no statements are executed.
func TestNoSQL(t *testing.T) {
	for name, c := range map[string]struct {
		noSQL, checks bool
		statements    func(n int) int
		says          string // empty: it passes
	}{
		"checks only": {false, true, func(int) int { return 0 },
			"checks were counted, but no statement at any N: attach the Recorder to the pool that Run uses, if its driver is pgx; if Run executes no statement, set NoSQL"},
		"checks only, as said":     {true, true, func(int) int { return 0 }, ""},
		"statements for some N":    {false, true, func(n int) int { return n / 8 }, ""},
		"statements":               {false, false, func(n int) int { return n }, ""},
		"statements, against that": {true, true, func(n int) int { return n / 4 }, "field NoSQL is set, but Run executes statements: 1 at N=4; unset it"},
		"nothing":                  {true, false, func(int) int { return 0 }, "Attach it to the pool that Run uses, or wrap a driver other than pgx with Recorder.Connector"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := counting(t, c.statements)
			s.NoSQL, s.Expect = c.noSQL, fanouttest.Limits{tracer.RBAC: fanouttest.Constant()}
			statements := s.Run
			s.Run = func(ctx context.Context, n int) error {
				if c.checks {
					_, end := s.Recorder.Check(ctx, "read", "", "", "")
					end(true)
				}
				return statements(ctx, n)
			}
			expect(t, s, c.says != "", c.says)
		})
	}
}

// TestReplacedTracer says why nothing is counted.
func TestReplacedTracer(t *testing.T) {
	s := fanouttest.Scenario{Recorder: fanouttest.NewRecorder(), Expect: fanouttest.Limits{tracer.SQL: fanouttest.Constant()}}
	pool := db.Pool(t, func(config *pgxpool.Config) {
		s.Recorder.Attach(config.ConnConfig)
		config.ConnConfig.Tracer = silent{}
	})
	s.Run = func(ctx context.Context, _ int) error {
		_, err := pool.Exec(ctx, "SELECT 1")
		return err
	}
	expect(t, s, true, "do not replace the Tracer after Attach")
}

type silent struct{}

func (silent) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (silent) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

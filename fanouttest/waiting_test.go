package fanouttest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Unclosed rows use up the pool. The error names the lines of the waiting call and of the rows.
func TestOpenRowsExhaustPool(t *testing.T) {
	for _, conns := range []int32{1, 6} {
		t.Run(fmt.Sprint(conns), func(t *testing.T) {
			recorder := fanouttest.NewRecorder()
			pool := db.Pool(t, func(config *pgxpool.Config) {
				config.MaxConns = conns
				recorder.Attach(config.ConnConfig)
			})
			s := fanouttest.Scenario{
				Recorder: recorder, Timeout: time.Second, Expect: fanouttest.Limits{tracer.SQL: fanouttest.Constant()},
				Run: func(ctx context.Context, _ int) error {
					rows, err := pool.Query(context.WithoutCancel(ctx), "SELECT generate_series(1, 9)", pgx.QueryExecModeExec)
					if err != nil {
						return err
					}
					t.Cleanup(rows.Close)
					_, err = pool.Exec(ctx, "SELECT 1")
					return err
				},
			}
			expect(t, s, true, "not finished within 1s", "it waits for a connection of the pool at fanouttest/waiting_test.go:",
				"; open rows hold their connection; close these: SELECT generate_series(?) at fanouttest/waiting_test.go:28")
		})
	}
}

package fanouttest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Work on the PgConn of any connection is logged. Pings outside of pools are not.
func TestPgConnIsLogged(t *testing.T) {
	const note = "fanouttest: N=8: not counted because pgx's tracers do not see it"
	s, pool := counting(t, func(int) int { return 1 })
	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
	conn, err := pgx.ConnectConfig(t.Context(), pool.Config().ConnConfig)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	counted := s.Run
	for name, c := range map[string]struct {
		run  func(ctx context.Context, n int) error
		says string // empty: no note
	}{
		"plain": {func(ctx context.Context, _ int) error {
			_, err := conn.PgConn().Exec(ctx, "SELECT 1; SELECT 2").ReadAll()
			return err
		}, note + ", on connections outside a pool: statements ×2, for example by pgconn.PgConn"},
		"of the pool": {func(ctx context.Context, _ int) error {
			conn, err := pool.Acquire(ctx)
			if err != nil {
				return err
			}
			defer conn.Release()
			_, err = conn.Conn().PgConn().Exec(ctx, "SELECT 1").ReadAll()
			return err
		}, note + ": 1 statement, for example a ping or pgconn.PgConn"},
		"ping":      {func(ctx context.Context, _ int) error { return conn.Ping(ctx) }, ""},
		"statement": {func(ctx context.Context, _ int) error { return ask(ctx, conn, 1) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.Name = t.Name()
			s.Setup = func(ctx context.Context, _ int) error { // not counted
				_, err := conn.PgConn().Exec(ctx, "SELECT 1; SELECT 2; SELECT 3").ReadAll()
				return err
			}
			s.Run = func(ctx context.Context, n int) error {
				if err := counted(ctx, n); err != nil {
					return err
				}
				return c.run(ctx, n)
			}
			failed, said := try(t, s)
			if failed || !strings.Contains(said, c.says) || c.says == "" && strings.Contains(said, "not counted") {
				t.Errorf("failed: %v; it says %s; want %q", failed, said, c.says)
			}
		})
	}
}

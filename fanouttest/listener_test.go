package fanouttest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A listener that outlives its request is an error, and the advice in the message works.
func TestListenerOfARequest(t *testing.T) {
	const advice = "a listener or worker that outlives the request is not part of its work: start it before the measurement, name its statements in Ignore, or set Shared"
	for name, c := range map[string]struct {
		change func(s *fanouttest.Scenario, start, listen func(ctx context.Context) error) error
		says   string // empty: it passes
	}{
		"as it is": {func(*fanouttest.Scenario, func(context.Context) error, func(context.Context) error) error { return nil }, advice},
		"Shared":   {func(s *fanouttest.Scenario, _, _ func(context.Context) error) error { s.Shared = true; return nil }, ""},
		"Ignore": {func(s *fanouttest.Scenario, _, _ func(context.Context) error) error {
			s.Ignore = []string{"listen orders"}
			return nil
		}, ""},
		"before Check": {func(_ *fanouttest.Scenario, start, listen func(context.Context) error) error {
			return errors.Join(start(t.Context()), listen(t.Context()))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, pool := counting(t, func(int) int { return 1 })
			s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
			returned, listens := make(chan struct{}), make(chan error)
			var started, listening bool
			start := func(ctx context.Context) error {
				if started {
					return nil
				}
				started = true
				conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
				if err != nil {
					return err
				}
				t.Cleanup(func() { _ = conn.Close(context.Background()) })
				go func() { // in its loop, as after a connection that was lost
					<-returned
					_, err := conn.Exec(context.WithoutCancel(ctx), "listen orders")
					listens <- err
				}()
				return nil
			}
			listen := func(context.Context) error {
				if listening {
					return nil
				}
				listening = true
				close(returned)
				return <-listens
			}
			must(t, c.change(&s, start, listen))
			run, runs := s.Run, 0
			s.Run = func(ctx context.Context, n int) error {
				if runs++; runs == 2 {
					if err := listen(ctx); err != nil {
						return err
					}
				}
				if err := start(ctx); err != nil {
					return err
				}
				return run(ctx, n)
			}
			expect(t, s, c.says != "", c.says)
		})
	}
}

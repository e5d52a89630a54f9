package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/internal/agentauth"
	"github.com/fanout-bench/fanout-bench/internal/pgpool"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/underload"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestRun requires what is exact: how many requests are sent, and what one costs. How
// they are answered is up to the machine.
func TestRun(t *testing.T) {
	load := saturation.Load{Pool: 10, Latency: 4, Deadline: 500, Rate: 100, Duration: 1000}
	if err := load.Validate(); err != nil {
		t.Fatal(err)
	}
	path := agentauth.Case()
	crowd, err := path.Workload("saturation")
	if err != nil {
		t.Fatal(err)
	}
	plan := Plan{Server: pgtest.Server(t), Path: path.Path, Workload: crowd, Version: "v2.33.0-rc.2", N: 2, Load: load}
	want := saturation.Cost{SQL: 13, RBAC: 5, Acquires: 13, MaxHeld: 1}
	run, err := Run(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if run.Cost != want || run.Status != 200 {
		t.Errorf("a request costs %+v and is answered %d, want %+v and 200", run.Cost, run.Status, want)
	}
	if run.Sent == 0 {
		t.Error("no request was sent")
	}
	if least := saturation.Milliseconds(want.SQL) * load.Latency; run.Held < least {
		t.Errorf("a request holds connections for %v, and its round trips alone take %v", run.Held, least)
	}
	var onTimeline saturation.Interval
	for _, slice := range run.Timeline {
		onTimeline.Sent += slice.Sent
		onTimeline.OK += slice.OK
		onTimeline.Failed += slice.Failed
	}
	if all := (saturation.Interval{Sent: run.Sent, OK: run.OK, Failed: run.Failed}); onTimeline != all {
		t.Errorf("%+v are on the timeline, and %+v in all", onTimeline, all)
	}
	failures := 0
	for _, count := range run.Failures {
		failures += count
	}
	// Of a request whose client got no answer, the service may not know that it failed.
	if failures < run.Failed-run.Statuses[0] || failures > run.Failed {
		t.Errorf("%d requests failed, %d of them without an answer, for %v", run.Failed, run.Statuses[0], run.Failures)
	}
	if run.Victim.Sent == 0 || run.Pool.Acquires < run.OK*want.Acquires {
		t.Errorf("not all was measured: %+v", run)
	}
	if run.HeldBusy == 0 || len(run.Machine) != 2 {
		t.Errorf("not all was measured: %+v", run)
	}
}

// small is a load that any machine can carry: none of its requests misses the deadline.
var small = saturation.Load{Pool: 2, Latency: 1, Deadline: 10_000, Rate: 20, Duration: 1000}

// underLoad reports whether r is a request of load. What is measured before it has far
// more time, however many requests that takes.
func underLoad(r *http.Request, load saturation.Load) bool {
	deadline, ok := r.Context().Deadline()
	return ok && time.Until(deadline) <= load.Deadline.Duration()
}

// serving returns a plan to put handle under a small load, which gets the pool and how
// many requests came before.
func serving(server scenarios.Server, handle func(pool *pgxpool.Pool, before int, w http.ResponseWriter, r *http.Request)) Plan {
	return Plan{
		Server: server, Path: &scenarios.Path{Name: "test"}, Version: "v1", Load: small,
		Workload: workload.Workload{
			Name: "test",
			Setup: func(_ context.Context, env scenarios.Env, _ int) (workload.Service, error) {
				var count atomic.Int64
				return workload.Service{
					Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						handle(env.Pool, int(count.Add(1)-1), w, r)
					}),
					Requests: []workload.Request{{
						Method: http.MethodGet, Path: "/", Expect: http.StatusOK,
						Check: func(body []byte) error {
							if string(body) != "" {
								return errors.New("not the right answer")
							}
							return nil
						},
					}},
				}, nil
			},
		},
	}
}

func query(ctx context.Context, pool *pgxpool.Pool, w http.ResponseWriter) {
	if _, err := pool.Exec(ctx, "SELECT 2"); err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
	}
}

func TestRunRefuses(t *testing.T) {
	server := pgtest.Server(t)
	for _, test := range []struct {
		name   string
		handle func(pool *pgxpool.Pool, before int, w http.ResponseWriter, r *http.Request)
		is     error
		says   string
	}{
		{
			name:   "a service that fails at rest",
			handle: func(_ *pgxpool.Pool, _ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
			says:   "a request at rest was answered 418, and not 200",
		},
		{
			name:   "a wrong answer",
			handle: func(_ *pgxpool.Pool, _ int, w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") },
			says:   "not the right answer",
		},
		{
			name: "a wrong answer under load only",
			handle: func(_ *pgxpool.Pool, _ int, w http.ResponseWriter, r *http.Request) {
				if underLoad(r, small) {
					fmt.Fprint(w, "hello")
				}
			},
			says: "not the right answer",
		},
		{
			name: "requests that cost different things",
			handle: func(pool *pgxpool.Pool, before int, w http.ResponseWriter, r *http.Request) {
				for range before {
					query(r.Context(), pool, w)
				}
			},
			says: "requests cost different things at rest",
		},
		{
			name: "another cost under load",
			handle: func(pool *pgxpool.Pool, _ int, w http.ResponseWriter, r *http.Request) {
				query(r.Context(), pool, w)
				if underLoad(r, small) {
					query(r.Context(), pool, w)
				}
			},
			says: "under load",
		},
		{
			name:   "a panic",
			handle: func(*pgxpool.Pool, int, http.ResponseWriter, *http.Request) { panic("out of luck") },
			says:   "the service panicked: out of luck",
		},
		{
			name: "work that belongs to no request",
			handle: func(pool *pgxpool.Pool, _ int, w http.ResponseWriter, _ *http.Request) {
				query(context.Background(), pool, w)
			},
			is: errStray, says: "SELECT ?",
		},
		{
			name: "a connection that is kept",
			handle: func(pool *pgxpool.Pool, before int, _ http.ResponseWriter, r *http.Request) {
				if before == 0 {
					_, _ = pool.Acquire(r.Context())
				}
			},
			is: pgpool.ErrLeaked,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			_, err := Run(t.Context(), serving(server, test.handle))
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %v %s", err, test.is, test.says)
			}
		})
	}
}

func TestRunOfWhatNeedsNoConnection(t *testing.T) {
	run, err := Run(t.Context(), serving(pgtest.Server(t), func(*pgxpool.Pool, int, http.ResponseWriter, *http.Request) {}))
	if err != nil {
		t.Fatal(err)
	}
	if run.Sent == 0 || run.OK != run.Sent || run.Held != 0 || run.Measured != 0 {
		t.Errorf("got %+v", run)
	}
}

// sleep executes a statement that goes on until beside sees it do so, and cancel ends ctx.
func sleep(ctx context.Context, cancel func(), conn *pgxpool.Conn, beside *pgxpool.Pool) error {
	pid := int(conn.Conn().PgConn().PID())
	asleep := make(chan error, 1)
	go func() {
		defer cancel()
		asleep <- waitAsleep(ctx, beside, pid)
	}()
	_, err := conn.Exec(ctx, "SELECT pg_sleep(60)")
	return errors.Join(err, <-asleep)
}

func waitAsleep(ctx context.Context, beside *pgxpool.Pool, pid int) error {
	for asleep := false; !asleep; {
		const sql = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep')"
		if err := beside.QueryRow(ctx, sql, pid).Scan(&asleep); err != nil {
			return fmt.Errorf("cannot see the statement: %w", err)
		}
	}
	return nil
}

// withFixtures has plan store the pool of its fixtures, which is not the one it measures.
func withFixtures(plan *Plan, fixtures **pgxpool.Pool) {
	setup := plan.Workload.Setup
	plan.Workload.Setup = func(ctx context.Context, env scenarios.Env, n int) (workload.Service, error) {
		*fixtures = env.Fixtures
		return setup(ctx, env, n)
	}
}

// TestRunCountsDestroyedConnections has the context of a statement end under way, which
// costs the connection, and before it is sent, which does not. That is not by the
// deadline of the load, which would hit what waits beside it too.
func TestRunCountsDestroyedConnections(t *testing.T) {
	server := pgtest.Server(t)
	for _, test := range []struct {
		name      string
		query     func(ctx context.Context, cancel func(), conn *pgxpool.Conn, beside *pgxpool.Pool) error
		destroyed int
	}{
		{"under way", sleep, 1},
		{"before it is sent", func(ctx context.Context, cancel func(), conn *pgxpool.Conn, _ *pgxpool.Pool) error {
			cancel()
			_, err := conn.Exec(ctx, "SELECT 2")
			return err
		}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var (
				fixtures *pgxpool.Pool
				done     atomic.Bool
			)
			plan := serving(server, func(pool *pgxpool.Pool, _ int, w http.ResponseWriter, r *http.Request) {
				query(r.Context(), pool, w)
				if !underLoad(r, small) || done.Swap(true) {
					return
				}
				conn, err := pool.Acquire(r.Context())
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Release()
				ctx, cancel := context.WithCancel(r.Context())
				defer cancel()
				if err := test.query(ctx, cancel, conn, fixtures); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want %v", err, context.Canceled)
				}
				w.WriteHeader(http.StatusInternalServerError)
			})
			withFixtures(&plan, &fixtures)
			run, err := Run(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			if run.Failures[underload.OtherCause] != 1 || run.Pool.Destroyed != test.destroyed {
				t.Errorf("requests failed for %v and %d connections were destroyed, want %s of one request and %d",
					run.Failures, run.Pool.Destroyed, underload.OtherCause, test.destroyed)
			}
		})
	}
}

// TestCauses ends the context of a request, as its deadline does, where it is certain
// what the request is at.
func TestCauses(t *testing.T) {
	server := pgtest.Server(t)
	type request struct {
		ctx      context.Context
		cancel   func()
		conn     *pgxpool.Conn
		pool     *pgxpool.Pool
		fixtures *pgxpool.Pool
	}
	for _, test := range []struct {
		name string
		fail func(r request) error
		want underload.Cause
	}{
		{"waits for a connection", func(r request) error {
			r.cancel()
			_, err := r.pool.Acquire(r.ctx)
			return err
		}, underload.AcquireTimedOut},
		{"a statement is under way", func(r request) error {
			return sleep(r.ctx, r.cancel, r.conn, r.fixtures)
		}, underload.QueryCanceled},
		{"is to send a statement", func(r request) error {
			r.cancel()
			_, err := r.conn.Exec(r.ctx, "SELECT 2")
			return err
		}, underload.QueryCanceled},
		{"is to answer", func(r request) error {
			r.cancel()
			return r.ctx.Err()
		}, underload.OtherCause},
		{"is in time", func(r request) error {
			_, err := r.conn.Exec(r.ctx, "SELECT 1 / 0")
			return err
		}, underload.OtherCause},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var fixtures *pgxpool.Pool
			plan := serving(server, func(pool *pgxpool.Pool, _ int, w http.ResponseWriter, r *http.Request) {
				conn, err := pool.Acquire(r.Context())
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Release()
				if test.fail(request{r.Context(), cancel, conn, pool, fixtures}) != nil {
					w.WriteHeader(http.StatusInternalServerError)
				}
			})
			withFixtures(&plan, &fixtures)
			site, err := Open(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			var got Served
			handler := site.Handler(patience, func(s Served) { got = s })
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
			if got.Status != http.StatusInternalServerError || got.Cause != test.want {
				t.Errorf("answered %d for %q, want 500 for %q", got.Status, got.Cause, test.want)
			}
			if err := site.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestInterrupt ends the load once an answer has been counted, with a request under way.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	var loaded, counted atomic.Bool
	plan := serving(pgtest.Server(t), func(pool *pgxpool.Pool, _ int, w http.ResponseWriter, r *http.Request) {
		query(r.Context(), pool, w)
		if !underLoad(r, small) {
			return
		}
		loaded.Store(true)
		if counted.Load() {
			cancel(stop)
		}
	})
	setup := plan.Workload.Setup
	plan.Workload.Setup = func(ctx context.Context, env scenarios.Env, n int) (workload.Service, error) {
		service, err := setup(ctx, env, n)
		// An answer is counted before it is checked.
		service.Requests[0].Check = func([]byte) error {
			counted.Store(loaded.Load())
			return nil
		}
		return service, err
	}
	plan.Load.Duration = 600_000
	run, err := Run(ctx, plan)
	if !errors.Is(err, stop) || !run.Interrupted {
		t.Errorf("got %v, interrupted: %t", err, run.Interrupted)
	}
	if run.Sent == 0 || run.Unseen != 0 {
		t.Errorf("got %+v", run)
	}
	if run.SQL != 1 || run.Held == 0 {
		t.Errorf("what was measured before is lost: %+v", run)
	}
}

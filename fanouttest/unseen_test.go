package fanouttest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/internal/backends"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// An execer is a pool or a connection.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

func ask(ctx context.Context, db execer, times int) error {
	for range times {
		if _, err := db.Exec(ctx, "SELECT 'secret', $1::int AS \"\x1b\"", 7); err != nil {
			return err
		}
	}
	return nil
}

// byURL returns a config made from the URL of pool.
func byURL(t *testing.T, pool *pgxpool.Pool) *pgxpool.Config {
	t.Helper()
	config, err := pgxpool.ParseConfig(pool.Config().ConnString())
	must(t, err)
	config.ConnConfig.RuntimeParams["application_name"] = "replica"
	return config
}

func poolBy(t *testing.T, config *pgxpool.Config) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	must(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// once executes statements on a new connection.
func once(ctx context.Context, config *pgx.ConnConfig, times int) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return ask(ctx, conn, times)
}

// Each case is a Run that executes one counted statement and then bypasses the Recorder, which is
// an error each time.
func TestUncountedConnections(t *testing.T) {
	const (
		some  = "work that no Recorder counts, on other connections to the database: "
		open  = some + `1 connection of application_name "replica", user "`
		brief = some + "1 connection that a run opens and closes"
	)
	type run = func(ctx context.Context, n int) error
	for name, c := range map[string]struct {
		run  func(t *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool) run
		says string // empty: it passes
	}{
		"a replica": {func(t *testing.T, _ *fanouttest.Scenario, pool *pgxpool.Pool) run {
			replica := poolBy(t, byURL(t, pool))
			return func(ctx context.Context, n int) error { return ask(ctx, replica, 1+3*n) }
		}, open},
		"a replica, first runs": {func(t *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool) run {
			replica := poolBy(t, byURL(t, pool))
			s.Cold, s.Setup = true, func(ctx context.Context, _ int) error { return ask(ctx, replica, 1) }
			return func(ctx context.Context, n int) error { return ask(ctx, replica, 1+3*n) }
		}, open},
		"only from N=4 on": {func(t *testing.T, _ *fanouttest.Scenario, pool *pgxpool.Pool) run {
			replica := poolBy(t, byURL(t, pool))
			return func(ctx context.Context, n int) error { return ask(ctx, replica, n/4) }
		}, "measure at N=4: " + open},
		"a connection for each run": {func(t *testing.T, _ *fanouttest.Scenario, pool *pgxpool.Pool) run {
			config := byURL(t, pool).ConnConfig
			return func(ctx context.Context, n int) error { return once(ctx, config, n) }
		}, ""}, // one of the two, as a backend takes its time to end
		"database/sql": {func(t *testing.T, _ *fanouttest.Scenario, pool *pgxpool.Pool) run {
			db := stdlib.OpenDB(*byURL(t, pool).ConnConfig)
			t.Cleanup(func() { _ = db.Close() })
			return func(ctx context.Context, _ int) error {
				_, err := db.ExecContext(ctx, "SELECT 'secret'")
				return err
			}
		}, open},
		"another database of the test": {func(t *testing.T, _ *fanouttest.Scenario, _ *pgxpool.Pool) run {
			other := db.Pool(t, nil)
			return func(ctx context.Context, n int) error { return ask(ctx, other, n) }
		}, some + `1 connection of application_name "fanout-bench"`},
	} {
		t.Run(name, func(t *testing.T) {
			s, pool := counting(t, func(int) int { return 1 })
			s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
			counted, more := s.Run, c.run(t, &s, pool)
			s.Run = func(ctx context.Context, n int) error {
				if err := counted(ctx, n); err != nil {
					return err
				}
				return more(ctx, n)
			}
			failed, said := try(t, s)
			if !failed || !strings.Contains(said, c.says) || !strings.Contains(said, some) || strings.Contains(said, "secret") || strings.Contains(said, "\x1b") ||
				!strings.Contains(said, "to another driver than pgx: attach the Recorder to the config of that pool before you make it, wrap another driver") {
				t.Errorf("failed: %v; it says %s; want %s", failed, said, c.says)
			}
			s.Shared = true
			expect(t, s, false)
		})
	}
}

// Behind a pooler, and with a driver that does not report PIDs, nothing is known of other
// connections. The log says so.
func TestConnectionsBehindAPooler(t *testing.T) {
	s, pool := counting(t, nil)
	t.Cleanup(backends.Opened(backends.Of(pool.Config().ConnConfig, 0)))
	s.Run = func(ctx context.Context, _ int) error { return ask(ctx, pool, 1) }
	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
	expect(t, s, false, "connections that no Recorder counts are not looked for: the PIDs")
}

// elsewhere is a test to which another test's name does not belong.
type elsewhere struct{ *testing.T }

func (e elsewhere) Name() string { return "TestOtherFolder" }

// A database that testdb does not know is found by the Recorder. When the gate is proved, only
// the reason for the missing result is collected.
func TestUncountedConnectionsToOwnDatabase(t *testing.T) {
	for _, proves := range []bool{false, true} {
		s, _ := counting(t, nil)
		pool := db.Pool(elsewhere{t}, func(config *pgxpool.Config) { s.Recorder.Attach(config.ConnConfig) })
		replica := poolBy(t, byURL(t, pool))
		s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
		s.Run = func(ctx context.Context, _ int) error { return errors.Join(ask(ctx, pool, 1), ask(ctx, replica, 1)) }
		folder := t.TempDir()
		if proves {
			t.Setenv("FANOUT_OUT", folder)
			t.Setenv("FANOUT_PROVE", "1")
		}
		expect(t, s, true, "work that no Recorder counts")
		if !proves {
			continue
		}
		text, err := os.ReadFile(only(t, folder))
		if err != nil || strings.Contains(string(text), `"outcome"`) || !strings.Contains(string(text), `"unmeasured":"at N=1: work that no Recorder counts`) {
			t.Errorf("collected %s, %v", text, err)
		}
		if probed, _ := filepath.Glob(filepath.Join(folder, "*", "*")); len(probed) > 0 {
			t.Errorf("collected %q", probed)
		}
	}
}

// Work that is not of Run does not fail the test.
func TestConnectionsOfOthers(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool){
		"fixtures by another pool": func(t *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool) {
			fixtures := poolBy(t, byURL(t, pool))
			s.Setup = func(ctx context.Context, n int) error { return ask(ctx, fixtures, n) }
		},
		"fixtures by a connection that is closed": func(t *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool) {
			config := byURL(t, pool).ConnConfig
			s.Setup = func(ctx context.Context, n int) error { return once(ctx, config, n) }
		},
		"the same, before first runs": func(t *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool) {
			config := byURL(t, pool).ConnConfig
			s.Cold = true
			s.Setup = func(ctx context.Context, n int) error { return once(ctx, config, n) }
		},
		"open, in a transaction": func(t *testing.T, _ *fanouttest.Scenario, pool *pgxpool.Pool) {
			tx, err := poolBy(t, byURL(t, pool)).Begin(t.Context())
			must(t, err)
			t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
		},
		"opened, and not used": func(t *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool) {
			config, run := byURL(t, pool).ConnConfig, s.Run
			s.Run = func(ctx context.Context, n int) error {
				conn, err := pgx.ConnectConfig(ctx, config)
				if err != nil {
					return err
				}
				t.Cleanup(func() { _ = conn.Close(context.Background()) })
				return run(ctx, n)
			}
		},
		"what is ignored": func(t *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool) {
			aside, run := poolBy(t, byURL(t, pool)), s.Run
			s.Ignore = []string{tracer.StatementName("SELECT 'secret', $1::int AS \"\x1b\"")}
			s.Run = func(ctx context.Context, n int) error { _ = ask(ctx, aside, 1); return run(ctx, n) }
		},
		"counted connections, one for each run": func(_ *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool) {
			s.Run = func(ctx context.Context, _ int) error { return once(ctx, pool.Config().ConnConfig, 1) }
		},
		"by another Recorder": func(t *testing.T, s *fanouttest.Scenario, pool *pgxpool.Pool) {
			config, run := byURL(t, pool), s.Run
			new(tracer.Recorder).Attach(config.ConnConfig)
			other := poolBy(t, config)
			s.Run = func(ctx context.Context, n int) error {
				aside, _ := tracer.Start(context.Background(), "")
				_ = ask(aside, other, 1)
				return run(ctx, n)
			}
		},
		"by somebody who is at it all the time": func(t *testing.T, _ *fanouttest.Scenario, pool *pgxpool.Pool) {
			busy(t, func(ctx context.Context) error { return ask(ctx, poolOf(ctx), 1) }, poolBy(t, byURL(t, pool)))
		},
		"by connections of somebody who is at it all the time": func(t *testing.T, _ *fanouttest.Scenario, pool *pgxpool.Pool) {
			config := byURL(t, pool).ConnConfig
			busy(t, func(ctx context.Context) error { return once(ctx, config, 1) }, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, pool := counting(t, func(int) int { return 1 })
			s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
			change(t, &s, pool)
			expect(t, s, false)
		})
	}
}

// What is not done in each run, or by others too, cannot be judged. It is told, once.
func TestConnectionsOfSomeRuns(t *testing.T) {
	const note = "not judged, because not every run does it or others do it too: work that no Recorder counts"
	for name, c := range map[string]struct {
		does  func(run int) bool
		notes int
	}{
		"none":          {func(int) bool { return false }, 0},
		"to warm up":    {func(run int) bool { return run == 1 }, 1},
		"each second":   {func(run int) bool { return run%2 == 0 }, 1},
		"the last ones": {func(run int) bool { return run > 2 && run < 5 }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, pool := counting(t, func(int) int { return 1 })
			replica, run, runs := poolBy(t, byURL(t, pool)), s.Run, 0
			s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
			s.Setup = func(ctx context.Context, n int) error { runs = 0; return ask(ctx, replica, n) }
			s.Run = func(ctx context.Context, n int) error {
				if runs++; c.does(runs) {
					return errors.Join(ask(ctx, replica, 1), run(ctx, n))
				}
				return run(ctx, n)
			}
			failed, said := try(t, s)
			if failed || strings.Count(said, note) != c.notes || c.notes > 0 && !strings.Contains(said, `application_name "replica"`) {
				t.Errorf("failed: %v; want %d notes; it says %s", failed, c.notes, said)
			}
			s.Shared = true
			if failed, said := try(t, s); failed || strings.Contains(said, note) {
				t.Errorf("shared: failed: %v; it says %s", failed, said)
			}
		})
	}
}

type poolKey struct{}

func poolOf(ctx context.Context) *pgxpool.Pool { return ctx.Value(poolKey{}).(*pgxpool.Pool) }

// busy repeats do until the test ends. It returns after the first time.
func busy(t *testing.T, do func(ctx context.Context) error, pool *pgxpool.Pool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), poolKey{}, pool))
	var (
		begun = make(chan struct{})
		first sync.Once
		ended sync.WaitGroup
	)
	ended.Go(func() {
		for ctx.Err() == nil {
			_ = do(ctx)
			first.Do(func() { close(begun) })
		}
	})
	t.Cleanup(func() { cancel(); ended.Wait() })
	<-begun
}

// TestNoFalseAlarms runs Checks in parallel on one database: with own and shared Recorders, with
// a connection for each run, and with uncounted fixtures. One forgets its replica and fails each
// time.
func TestNoFalseAlarms(t *testing.T) {
	shared, pool := counting(t, func(n int) int { return n })
	fixtures := poolBy(t, byURL(t, pool))
	var forgotten atomic.Int64
	t.Run("all", func(t *testing.T) {
		for i := range 8 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				s := shared
				s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.AtMost(99)}
				s.Setup = func(ctx context.Context, _ int) error { return ask(ctx, fixtures, 9) }
				switch i % 4 {
				case 1:
					config := byURL(t, pool)
					s.Recorder = fanouttest.NewRecorder()
					s.Recorder.Attach(config.ConnConfig)
					own := poolBy(t, config)
					s.Run = func(ctx context.Context, n int) error { return ask(ctx, own, n) }
				case 2:
					config := byURL(t, pool).ConnConfig
					s.Recorder = fanouttest.NewRecorder()
					s.Recorder.Attach(config)
					s.Run = func(ctx context.Context, n int) error { return once(ctx, config, n) }
				case 3:
					replica, run := poolBy(t, byURL(t, pool)), s.Run
					s.Run = func(ctx context.Context, n int) error { _ = ask(ctx, replica, 1); return run(ctx, n) }
					if failed, said := try(t, s); !failed || !strings.Contains(said, "work that no Recorder counts") {
						t.Errorf("failed: %v; it says %s", failed, said)
					}
					forgotten.Add(1)
					return
				}
				expect(t, s, false)
			})
		}
	})
	if forgotten.Load() != 2 {
		t.Errorf("%d Checks without their replica", forgotten.Load())
	}
}

// TestAfterRelease tells of a hook whose statements belong to no run.
func TestAfterRelease(t *testing.T) {
	s := fanouttest.Scenario{Recorder: fanouttest.NewRecorder(), Expect: fanouttest.Limits{tracer.SQL: fanouttest.Constant()}}
	pool := db.Pool(t, func(config *pgxpool.Config) {
		s.Recorder.Attach(config.ConnConfig)
		config.AfterRelease = func(conn *pgx.Conn) bool {
			_, err := conn.Exec(context.Background(), "RESET ALL")
			return err == nil
		}
	})
	s.Run = func(ctx context.Context, _ int) error {
		_, err := pool.Exec(ctx, "SELECT 1")
		return err
	}
	expect(t, s, false, "not counted: statements of the pool's hooks outside of runs, such as AfterRelease")
}

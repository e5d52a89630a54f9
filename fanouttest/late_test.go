package fanouttest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// beside returns a function that calls f in another goroutine and waits for it.
func beside(t *testing.T) (do func(f func())) {
	t.Helper()
	work, done := make(chan func()), make(chan struct{})
	go func() {
		for f := range work {
			f()
			done <- struct{}{}
		}
	}()
	t.Cleanup(func() { close(work) })
	return func(f func()) { work <- f; <-done }
}

// TestLateWorkIsReportedOnce checks work with the context of one run that continues in the next.
func TestLateWorkIsReportedOnce(t *testing.T) {
	s, pool := counting(t, func(int) int { return 1 })
	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
	var before context.Context
	run := s.Run
	s.Run = func(ctx context.Context, n int) error {
		if before != nil {
			_, _ = pool.Exec(before, "SELECT 'late'")
		}
		before = context.WithoutCancel(ctx)
		return run(ctx, n)
	}
	failed, said := try(t, s)
	if !failed || strings.Count(said, "work went on after Run returned") != 1 || !strings.Contains(said, "SELECT ? ×1 at fanouttest/late_test.go:") ||
		strings.Contains(said, "pass the context on") || strings.Contains(said, "scope had ended") {
		t.Errorf("failed: %v; it says %s", failed, said)
	}
}

// TestLateWorkNamesItsN checks work of a run that reaches the pool during another N: statements, and
// work whose context has ended, of which only the acquire is seen.
func TestLateWorkNamesItsN(t *testing.T) {
	for name, c := range map[string]struct {
		late func(ctx context.Context) context.Context
		says string
	}{
		"a statement":      {context.WithoutCancel, "make it wait: SELECT ? ×1 at fanouttest/late_test.go:"},
		"an ended context": {func(ctx context.Context) context.Context { return ctx }, "make it wait: acquire of a connection ×1 at fanouttest/late_test.go:"},
	} {
		t.Run(name, func(t *testing.T) {
			s, pool := counting(t, func(int) int { return 1 })
			s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
			var of2 context.Context
			run := s.Run
			s.Run = func(ctx context.Context, n int) error {
				switch {
				case n == 2:
					of2 = c.late(ctx)
				case n == 4 && of2 != nil:
					_, _ = pool.Exec(of2, "SELECT 'late'")
					of2 = nil
				}
				return run(ctx, n)
			}
			failed, said := try(t, s)
			if !failed || !strings.Contains(said, "measure at N=4: first run, not counted: work went on after Run returned, or Setup; "+c.says) || !strings.Contains(said, ", begun by "+t.Name()+"/2; ") {
				t.Errorf("failed: %v; it says %s", failed, said)
			}
			for _, stray := range s.Recorder.Unattributed() {
				if stray.Kind == tracer.KindAcquire {
					t.Errorf("Unattributed has an acquire: %v", stray)
				}
			}
		})
	}
}

// Work in the background is found at any time, except work of Setup itself.
func TestBackground(t *testing.T) {
	for name, c := range map[string]struct {
		setup func(exec func(), aside func(func()))
		says  []string // empty: it passes
	}{
		"of others during Setup": {func(exec func(), aside func(func())) { aside(exec) }, []string{
			"measure at N=8: first run, not counted: work outside the measured context; pass the context on to it: SELECT ? ×1 at fanouttest/late_test.go:",
			". Behind a network hop or in a worker, use tracer.Join. If others use the pool at the same time, set Shared",
		}},
		"of Setup": {func(exec func(), _ func(func())) { exec() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, pool := counting(t, func(int) int { return 1 })
			s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Constant()}
			aside := beside(t)
			s.Setup = func(_ context.Context, n int) error {
				if n == 8 { // once, where nothing comes after but the runs
					c.setup(func() { _, _ = pool.Exec(context.Background(), "SELECT 'elect'") }, aside)
				}
				return nil
			}
			expect(t, s, len(c.says) > 0, c.says...)
		})
	}
}

// Unfinished work is not written to a baseline.
func TestUnfinishedIsNotWritten(t *testing.T) {
	inFolder(t)
	t.Setenv("FANOUT_UPDATE", "1")
	for name, c := range map[string]struct {
		run  func(ctx context.Context, pool *pgxpool.Pool) error // in the warm-up
		late bool
		says string
	}{
		"late work": {func(context.Context, *pgxpool.Pool) error { return nil }, true, "the test failed, so its baseline is not written"},
		"rows left open in the warm-up": {func(ctx context.Context, pool *pgxpool.Pool) error {
			conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
			if err != nil {
				return err
			}
			t.Cleanup(func() { _ = conn.Close(context.Background()) })
			_, err = conn.Query(ctx, "SELECT 'open'")
			return err
		}, false, "work that is unfinished when Run returns cannot have a baseline; close all rows and wait for all goroutines: SELECT ? at fanouttest/late_test.go:"},
	} {
		t.Run(name, func(t *testing.T) {
			s, pool := counting(t, func(int) int { return 1 })
			s.Name, s.Sweep = name, []int{1}
			var last context.Context
			run := s.Run
			s.Run = func(ctx context.Context, n int) error {
				first := last == nil
				last = ctx
				if first {
					return errors.Join(c.run(ctx, pool), run(ctx, n))
				}
				return run(ctx, n)
			}
			f := &fake{T: t, ends: true}
			if c.late {
				f.after = func() { _, _ = pool.Exec(context.WithoutCancel(last), "SELECT 'late'") }
			}
			f.check(s)
			if said := f.said.String(); !f.failed || !strings.Contains(said, c.says) {
				t.Errorf("failed: %v; it says %s", f.failed, said)
			}
			if files, _ := filepath.Glob(filepath.Join("testdata", "fanout", "*")); len(files) > 0 {
				t.Errorf("written: %q", files)
			}
		})
	}
	if _, err := os.Stat("testdata"); err == nil {
		t.Error("there is a folder for nothing")
	}
}

// Counts that depend on the scheduler do not fail a Concurrent scenario: evictions from a
// statement cache, and reads after writes.
func TestConcurrentHousekeeping(t *testing.T) {
	recorder := fanouttest.NewRecorder()
	pool := db.Pool(t, func(config *pgxpool.Config) {
		recorder.Attach(config.ConnConfig)
		config.MaxConns = 3
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
		config.ConnConfig.StatementCacheCapacity = 1
	})
	if _, err := pool.Exec(t.Context(), "CREATE TABLE c (i int)"); err != nil {
		t.Fatal(err)
	}
	fanouttest.Check(t, fanouttest.Scenario{
		Recorder: recorder, Concurrent: true, Repeat: 10,
		Run: func(ctx context.Context, n int) error {
			errs := make(chan error)
			for i := range n {
				go func() {
					_, err := pool.Exec(ctx, "INSERT INTO c VALUES ($1)", i)
					_, again := pool.Exec(ctx, "SELECT i FROM c WHERE i = $1", 1)
					errs <- errors.Join(err, again)
				}()
			}
			var all error
			for range n {
				all = errors.Join(all, <-errs)
			}
			return all
		},
		Expect: fanouttest.Limits{tracer.SQL: fanouttest.Linear(2), tracer.RoundTrips: fanouttest.Linear(2)},
	})
}

// Ignore leaves out the service's own work, within and outside of runs.
func TestIgnore(t *testing.T) {
	inFolder(t)
	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	s, pool := counting(t, func(n int) int { return n })
	s.Name, s.Sweep, s.Ignore = "keeping", []int{1, 2, 3}, []string{"Elect"}
	run := s.Run
	s.Run = func(ctx context.Context, n int) error {
		for _, of := range []context.Context{ctx, context.Background()} {
			if _, err := pool.Exec(of, "-- name: Elect :exec\nSELECT"); err != nil {
				return err
			}
		}
		return run(ctx, n)
	}
	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Linear(1).AtMost(3), tracer.Acquires: fanouttest.AtMost(3)}
	expect(t, s, false, "ignored by field Ignore: 1 at N=1, 1 at N=2, 1 at N=3 in each run, 12 outside of runs")
	text, err := os.ReadFile(only(t, out))
	if err != nil || strings.Count(string(text), `"ignored":1`) != 3 || strings.Contains(string(text), "Elect") {
		t.Errorf("%v: collected\n%s", err, text)
	}
	s.Ignore = []string{""}
	expect(t, s, true, "field Ignore has an empty entry")
}

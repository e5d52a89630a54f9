package fanouttest_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestRaces has runs of which one does more statements and another more checks. The first
// of each N warms up.
func TestRaces(t *testing.T) {
	out := t.TempDir()
	t.Setenv("FANOUT_OUT", out)
	for _, c := range []struct {
		sql, rbac, trips int
		fails            string
	}{
		{4, 2, 4, ""},
		{3, 2, 4, "SQL is over its budget: at most 3 a request"},
		{4, 1, 4, "RBAC is over its budget: at most 1 a request"},
		{4, 2, 3, "round_trips is over its budget: at most 3 a request"},
	} {
		runs := 0
		s, pool := counting(t, nil)
		s.Name, s.Sweep, s.Races = "racing", []int{1, 2, 3}, true
		s.Run = func(ctx context.Context, _ int) error {
			runs++
			for range []int{9, 2, 4, 1}[(runs-1)%4] {
				if _, err := pool.Exec(ctx, "-- name: Get :one\nSELECT"); err != nil {
					return err
				}
			}
			for range []int{9, 1, 0, 2}[(runs-1)%4] {
				_, end := s.Recorder.Check(ctx, "read", "", "", "")
				end(true)
			}
			return nil
		}
		s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.AtMost(c.sql), tracer.RBAC: fanouttest.Constant().AtMost(c.rbac), tracer.RoundTrips: fanouttest.AtMost(c.trips)}
		expect(t, s, c.fails != "", c.fails, "not collected, as its counts may vary")
	}
	if files, _ := filepath.Glob(filepath.Join(out, "*.json")); len(files) > 0 {
		t.Errorf("collected: %q", files)
	}
}

package fanouttest_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestRaces has runs of which one has more statements and another more checks. Repeated tries
// differ by design, and the successful one is collected.
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
		{4, 2, 4, ""},
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
		expect(t, s, c.fails != "", c.fails)
	}
	fewer, _ := counting(t, func(n int) int { return n })
	fewer.Name, fewer.Sweep, fewer.Races, fewer.Expect = "racing", []int{1, 2, 3}, true, fanouttest.Limits{tracer.SQL: fanouttest.AtMost(4), tracer.RBAC: fanouttest.AtMost(2), tracer.RoundTrips: fanouttest.AtMost(4)}
	expect(t, fewer, false, "racing: SQL 1, 2, 3, RBAC 0")
	text, err := os.ReadFile(only(t, out))
	if err != nil || strings.Count(string(text), `"sql":4,"sql_unique":1,`) != 3 || strings.Count(string(text), `"races":true`) != 3 || !strings.Contains(string(text), `"max":4`) {
		t.Errorf("%v: collected\n%s", err, text)
	}
	if f, err := report.Read(bytes.NewReader(text)); err != nil || len(f.Trees) != 3 {
		t.Errorf("%d trees: %v", len(f.Trees), err)
	}
}

package fanouttest_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Metrics that database/sql does not show are absent from the baseline, not 0.
func TestAbsent(t *testing.T) {
	inFolder(t)
	s, pool := counting(t, func(n int) int { return n })
	s.Name = "absent"
	byPool := s.Run
	connector := s.Recorder.Connector(stdlib.GetConnector(*db.Pool(t, nil).Config().ConnConfig))
	std := sql.OpenDB(connector)
	defer std.Close()
	byDriver := func(ctx context.Context, n int) error {
		for i := range n {
			if _, err := std.ExecContext(ctx, "-- name: Get :one\nSELECT $1::int", i); err != nil {
				return err
			}
		}
		return nil
	}
	defer pool.Close()

	s.Run = byDriver
	t.Setenv("FANOUT_UPDATE", "1")
	expect(t, s, false)
	file := filepath.Join("testdata", "fanout", "absent.json")
	text, err := os.ReadFile(file)
	must(t, err)
	for _, m := range []tracer.Metric{tracer.RoundTrips, tracer.Prepares, tracer.Acquires, tracer.MaxHeld, tracer.ConnTrips} {
		if strings.Contains(string(text), `"`+string(m)+`":`) {
			t.Errorf("%s is in\n%s", m, text)
		}
	}
	t.Setenv("FANOUT_UPDATE", "")
	expect(t, s, false)

	// A metric that becomes known is judged from the next baseline on.
	s.Run = byPool
	expect(t, s, false)
	t.Setenv("FANOUT_UPDATE", "1")
	expect(t, s, false)
	t.Setenv("FANOUT_UPDATE", "")
	s.Run = byDriver
	expect(t, s, true, `round_trips of "fanouttest absent" can no longer be judged`)

	s.Expect = fanouttest.Limits{tracer.SQL: fanouttest.Linear(1)}
	expect(t, s, false)
	s.Expect[tracer.Acquires] = fanouttest.AtMost(9)
	expect(t, s, true, `acquires of "fanouttest absent" can no longer be judged`)
}

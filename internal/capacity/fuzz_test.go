package capacity_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/report"
)

// FuzzOf computes with any results and any pool. No figure is negative or infinite.
func FuzzOf(f *testing.F) {
	var b strings.Builder
	must.Succeed(f, file(row(1, 3), row(2, 4), row(3, 5), row(4, 6)).Write(&b))
	f.Add(b.String(), 10, 1, int64(2*time.Millisecond), int64(0))
	f.Add(strings.ReplaceAll(b.String(), `"conn_trips":6`, `"conn_trips":1000000000`), 1, 1, int64(time.Minute), int64(time.Minute))
	f.Add(strings.ReplaceAll(b.String(), `"max_held":1`, `"max_held":1000000000`), 100_000, 100_000, int64(1), int64(0))
	f.Fuzz(func(t *testing.T, text string, connections, replicas int, roundTrip, statement int64) {
		pool := capacity.Pool{Connections: connections, Replicas: replicas, RoundTrip: time.Duration(roundTrip), Statement: time.Duration(statement)}
		saved, err := report.Read(strings.NewReader(text))
		if err != nil || pool.Validate() != nil {
			return
		}
		list := pool.Of(saved)
		for _, s := range list {
			for _, c := range s.Cells {
				if c.Held < 0 || c.PerSecond < 0 || c.Deadlock < 0 || math.IsInf(c.PerSecond, 0) || strings.HasPrefix(capacity.Rate(c.PerSecond), "-") {
					t.Errorf("%v: %+v", pool, c)
				}
			}
		}
		if _, err := json.Marshal(list); err != nil {
			t.Error(err)
		}
	})
}

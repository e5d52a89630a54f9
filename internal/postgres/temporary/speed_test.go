//go:build linux || darwin

package temporary

import (
	"slices"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// BenchmarkColdStart times initdb, and all until the first query of the first measurement, which
// runs on one clone. It skips memory if there is too little.
func BenchmarkColdStart(b *testing.B) {
	programs := installed(b)
	for name, parents := range map[string][]string{
		"disk":   {"/tmp"},
		"memory": slices.DeleteFunc(memoryFolders(), cramped),
	} {
		if len(parents) == 0 {
			continue
		}
		b.Run(name, func(b *testing.B) {
			var initdb time.Duration
			for b.Loop() {
				c, err := newCluster(programs, baseIn(b, parents[0]))
				must.Succeed(b, err)
				begin := time.Now()
				must.Succeed(b, c.initialize(b.Context()))
				initdb += time.Since(begin)
				must.Succeed(b, c.start(b.Context(), Settings))
				s, err := scratch.New(b.Context(), c.config, "here", c.stop)
				must.Succeed(b, err)
				template, err := s.Create(b.Context(), "CREATE TABLE t (id int)")
				must.Succeed(b, err)
				if _, err := s.Clone(b.Context(), template); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := s.Close(); err != nil {
					b.Error(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(initdb.Microseconds())/1000/float64(b.N), "initdb-ms/op")
		})
	}
}

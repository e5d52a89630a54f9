//go:build linux || darwin

package temporary

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// BenchmarkColdStart times each step until the first query of the first measurement, which
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
			var spent [5]time.Duration
			for b.Loop() {
				c, err := newCluster(programs, baseIn(b, parents[0]), Settings)
				if err != nil {
					b.Fatal(err)
				}
				var (
					s                *scratch.Server
					template, config *pgxpool.Config
				)
				for i, step := range []func() error{
					func() error { return c.initialize(b.Context()) },
					func() error { return c.start(b.Context()) },
					func() error {
						s, err = scratch.New(b.Context(), c.config, "here", c.stop)
						return err
					},
					func() error {
						template, err = s.Create(b.Context(), "CREATE TABLE t (id int)")
						return err
					},
					func() error {
						config, err = s.Clone(b.Context(), template)
						return err
					},
				} {
					begin := time.Now()
					err := step()
					spent[i] += time.Since(begin)
					if err != nil {
						b.Fatal(err)
					}
				}
				b.StopTimer()
				if err := s.Drop(b.Context(), config); err != nil {
					b.Error(err)
				}
				if err := s.Close(); err != nil {
					b.Error(err)
				}
				b.StartTimer()
			}
			for i, step := range []string{"initdb", "start", "connect", "template", "clone"} {
				b.ReportMetric(float64(spent[i].Microseconds())/1000/float64(b.N), step+"-ms/op")
			}
		})
	}
}

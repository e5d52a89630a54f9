//go:build linux || darwin

package postgres

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// BenchmarkColdStart tells where the time goes until the first query of the first
// cell: one cell is one clone. A folder in memory is left out where there is none
// with enough room.
func BenchmarkColdStart(b *testing.B) {
	account := testAccount(b)
	programs := installed(b, account)
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
				c, err := newCluster(account, baseIn(b, parents[0]), settings)
				if err != nil {
					b.Fatal(err)
				}
				var (
					s                *Server
					template, config *pgxpool.Config
				)
				for i, step := range []func() error{
					func() error { return c.initialize(b.Context(), programs, account) },
					func() error { return c.start(b.Context(), programs, account) },
					func() error {
						s, err = newServer(b.Context(), c.config, "here", nil, c.stop)
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

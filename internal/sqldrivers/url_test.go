package sqldrivers

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/countproxy"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestSituationsByURL runs TestSituations with each driver over a proxy, unknown to the Recorder.
func TestSituationsByURL(t *testing.T) {
	apart := map[string]string{
		"pgdriver, a transaction with options, rolled back": "sql=1 sql_unique=1 tx=3", // it sets them by a statement of its own
		"pgdriver, a ping": "sql=1 sql_unique=1", // it selects something
	}
	for _, w := range ways {
		driver, ok := strings.CutPrefix(w.name, "Connector of ")
		if !ok {
			continue
		}
		t.Run(driver, func(t *testing.T) {
			for _, s := range situations {
				t.Run(s.name, func(t *testing.T) {
					r := &tracer.Recorder{}
					proxy, err := countproxy.Open(r, pgtest.Pool(t, schema).Config().ConnString())
					must(t, err)
					t.Cleanup(proxy.Close)
					config, err := pgx.ParseConfig(proxy.URL())
					must(t, err)
					db := w.open(t, &tracer.Recorder{}, config) // which only the context would tell
					t.Cleanup(func() { _ = db.Close() })
					db.SetMaxOpenConns(1)
					must(t, db.PingContext(t.Context()))
					_, scope := tracer.Start(t.Context(), t.Name())
					closed := beside.Open(r, scope)
					s.run(t, t.Context(), db)
					recording := scope.End()
					closed()
					want, ok := apart[driver+", "+s.name]
					if !ok {
						want = s.counts
					}
					got, _, _ := strings.Cut(describe(recording), ":")
					// The proxy may pass a query on before it reads that the server ended.
					late := s.name == killed && got == "sql=3 sql_unique=3"
					if got != want && !late {
						t.Errorf("got  %s\nwant %s", describe(recording), want)
					}
					if err := r.Balance(); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
}

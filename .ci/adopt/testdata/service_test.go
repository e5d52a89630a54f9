package adopting

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
	"github.com/fanout-bench/fanout-bench/tracer"
)

var db testdb.Template

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

func TestNames(t *testing.T) {
	recorder := fanouttest.NewRecorder()
	pool := db.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig) })
	fanouttest.Check(t, fanouttest.Scenario{
		Recorder: recorder,
		Unit:     "name",
		Run: func(ctx context.Context, n int) error {
			_, err := Names(ctx, pool, n)
			return err
		},
		Expect: fanouttest.Limits{tracer.SQL: fanouttest.AtMost(8)},
	})
}

package testdb_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Each test gets its own copy of the migrated database.
var orders = testdb.Template{Migrate: migrate}

func migrate(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, "CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL)")
	return err
}

// The package also has a TestMain that calls testdb.Main.
func listOrders(t *testing.T) { // TestListOrders
	recorder := fanouttest.NewRecorder()
	pool := orders.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig) })

	fanouttest.Check(t, fanouttest.Scenario{
		Recorder: recorder,
		Unit:     "order",
		Setup: func(ctx context.Context, n int) error {
			_, err := pool.Exec(ctx, "INSERT INTO orders SELECT 1000 * $1 + i, $1 FROM generate_series(1, $1::int) i", n)
			return err
		},
		Run: func(ctx context.Context, n int) error {
			_, err := pool.Exec(ctx, "SELECT id FROM orders WHERE customer = $1", n)
			return err
		},
		Expect: fanouttest.Limits{tracer.SQL: fanouttest.AtMost(1)},
	})
}

func ExampleTemplate() {
	var t *testing.T // that of the test
	listOrders(t)
}

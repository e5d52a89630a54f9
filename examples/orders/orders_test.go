package orders

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
	"github.com/fanout-bench/fanout-bench/tracer"
)

var db = testdb.Template{Migrate: Migrate}

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// TestListFanout lists the orders of customers with
// one, two and more orders.
func TestListFanout(t *testing.T) {
	recorder := fanouttest.NewRecorder()
	service := &Service{
		Pool:       db.Pool(t, func(config *pgxpool.Config) { recorder.Attach(config.ConnConfig) }),
		Authorize:  tracer.CountChecks(recorder, OwnerOnly, func(action string, _ Order) string { return action + " order" }),
		ItemByItem: os.Getenv("ITEM_BY_ITEM") != "",
	}
	fanouttest.Check(t, fanouttest.Scenario{
		Name: "list", Unit: "order", Recorder: recorder,
		Setup: func(ctx context.Context, n int) error { return placeOrders(ctx, service, n) },
		Run: func(ctx context.Context, n int) error {
			orders, err := service.List(ctx, customer(n), customer(n))
			if err == nil && len(orders) != n {
				err = fmt.Errorf("%d orders, want %d", len(orders), n)
			}
			return err
		},
	})
}

func customer(n int) string { return fmt.Sprintf("customer with %d", n) }

func placeOrders(ctx context.Context, service *Service, n int) error {
	for range n {
		if _, err := service.Place(ctx, customer(n), Item{"tea", 2}, Item{"cup", 1}); err != nil {
			return err
		}
	}
	return nil
}

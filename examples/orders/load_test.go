package orders

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/fanouttest"
)

// TestListUnderLoad fails if a pool of 10 connections, with round trips of 2 ms, has no room
// for 300 customers a second who list their 20 orders.
func TestListUnderLoad(t *testing.T) {
	load := &fanouttest.Load{Connections: 10, RoundTrip: 2 * time.Millisecond, Sustains: 300}
	service := &Service{
		Pool:       db.Pool(t, load.Configure),
		Authorize:  OwnerOnly,
		ItemByItem: os.Getenv("ITEM_BY_ITEM") != "",
	}
	const n = 20
	if err := placeOrders(t.Context(), service, n); err != nil {
		t.Fatal(err)
	}
	fanouttest.Saturate(t, load, func(ctx context.Context) error {
		orders, err := service.List(ctx, customer(n), customer(n))
		if err == nil && len(orders) != n {
			err = fmt.Errorf("%d orders, want %d", len(orders), n)
		}
		return err
	})
}

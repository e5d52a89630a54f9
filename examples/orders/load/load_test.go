// Package load has a test of how many requests a second the service has room for.
package load

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"example.com/orders"

	"github.com/fanout-bench/fanout-bench/fanouttest"
	"github.com/fanout-bench/fanout-bench/fanouttest/testdb"
)

var db = testdb.Template{Migrate: orders.Migrate}

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// TestListUnderLoad fails if a pool of 10 connections, with round trips of 2 ms, has no room
// for 300 customers a second who list their 20 orders.
func TestListUnderLoad(t *testing.T) {
	load := &fanouttest.Load{Connections: 10, RoundTrip: 2 * time.Millisecond, Sustains: 300, Duration: time.Second}
	service := &orders.Service{
		Pool:       db.Pool(t, load.Configure),
		Authorize:  orders.OwnerOnly,
		ItemByItem: os.Getenv("ITEM_BY_ITEM") != "",
	}
	const n = 20
	for range n {
		if _, err := service.Place(t.Context(), "bob", orders.Item{Article: "tea", Quantity: 2}); err != nil {
			t.Fatal(err)
		}
	}
	fanouttest.Saturate(t, load, func(ctx context.Context) error {
		list, err := service.List(ctx, "bob", "bob")
		if err == nil && len(list) != n {
			err = fmt.Errorf("%d orders, want %d", len(list), n)
		}
		return err
	})
}

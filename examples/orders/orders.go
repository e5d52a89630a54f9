// Package orders is an ordinary service, with a test of the number of its statements and
// permission checks.
package orders

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed schema.sql
var schema string

// Migrate creates the tables of the service.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, schema)
	return err
}

// An Order is an order of a customer.
type Order struct {
	ID       int64
	Customer string
	Items    []Item
}

// An Item is one line of an Order.
type Item struct {
	Article  string
	Quantity int
}

// ErrForbidden is wrapped by the error for a forbidden action.
var ErrForbidden = errors.New("forbidden")

// Authorize decides whether subject may do action on an object.
type Authorize func(ctx context.Context, subject, action string, object Order) error

// OwnerOnly lets customers see their own orders.
func OwnerOnly(_ context.Context, subject, action string, object Order) error {
	if object.Customer != subject {
		return fmt.Errorf("%s may not %s order %d: %w", subject, action, object.ID, ErrForbidden)
	}
	return nil
}

// A Service manages the orders of a shop.
type Service struct {
	Pool      *pgxpool.Pool
	Authorize Authorize
	// ItemByItem reads the items of each order with its own statement. It demonstrates an N+1
	// query and what the test reports.
	ItemByItem bool
}

// Place stores an order.
func (s *Service) Place(ctx context.Context, customer string, items ...Item) (Order, error) {
	order := Order{Customer: customer, Items: items}
	err := pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		const insert = "-- name: InsertOrder :one\nINSERT INTO orders (customer) VALUES ($1) RETURNING id"
		if err := tx.QueryRow(ctx, insert, customer).Scan(&order.ID); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		for _, item := range items {
			batch.Queue("-- name: InsertItem :exec\nINSERT INTO items (order_id, article, quantity) VALUES ($1, $2, $3)",
				order.ID, item.Article, item.Quantity)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	return order, err
}

// List returns the orders of customer that subject may see, oldest first.
func (s *Service) List(ctx context.Context, subject, customer string) ([]Order, error) {
	orders, err := s.orders(ctx, customer)
	if err != nil {
		return nil, err
	}
	for _, order := range orders {
		if err := s.Authorize(ctx, subject, "read", order); err != nil {
			return nil, err
		}
	}
	if s.ItemByItem {
		return orders, s.eachWithItems(ctx, orders)
	}
	return orders, s.withItems(ctx, orders)
}

func (s *Service) orders(ctx context.Context, customer string) ([]Order, error) {
	rows, err := s.Pool.Query(ctx, "-- name: ListOrders :many\nSELECT id FROM orders WHERE customer = $1 ORDER BY id", customer)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Order, error) {
		order := Order{Customer: customer}
		return order, row.Scan(&order.ID)
	})
}

// eachWithItems is the fan-out.
func (s *Service) eachWithItems(ctx context.Context, orders []Order) error {
	for i := range orders {
		rows, err := s.Pool.Query(ctx, "-- name: ItemsOfOrder :many\nSELECT article, quantity FROM items WHERE order_id = $1 ORDER BY id", orders[i].ID)
		if err != nil {
			return err
		}
		if orders[i].Items, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Item]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) withItems(ctx context.Context, orders []Order) error {
	ids := make([]int64, len(orders))
	at := make(map[int64]*Order, len(orders))
	for i := range orders {
		ids[i] = orders[i].ID
		at[orders[i].ID] = &orders[i]
	}
	rows, err := s.Pool.Query(ctx, "-- name: ItemsOfOrders :many\nSELECT order_id, article, quantity FROM items WHERE order_id = ANY($1) ORDER BY id", ids)
	if err != nil {
		return err
	}
	var (
		id   int64
		item Item
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &item.Article, &item.Quantity}, func() error {
		at[id].Items = append(at[id].Items, item)
		return nil
	})
	return err
}

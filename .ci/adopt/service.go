// Package adopting is a service with older versions of Go, pgx and a code generator.
// .ci/adoption adds the library to it.
package adopting

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// NewID returns the key of a new row.
func NewID() uuid.UUID { return uuid.New() }

// Names returns the names of n tables.
func Names(ctx context.Context, pool *pgxpool.Pool, n int) (names []string, err error) {
	for i := range n {
		var name string
		if err := pool.QueryRow(ctx, "SELECT relname FROM pg_class ORDER BY oid OFFSET $1 LIMIT 1", i).Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

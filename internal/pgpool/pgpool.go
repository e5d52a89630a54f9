// Package pgpool opens and closes pools for measurements.
package pgpool

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/bounded"
)

// ErrLeaked is returned by [Close] if a connection was not released.
var ErrLeaked = errors.New("a connection was not released to the pool")

// grace bounds the wait for work that ends shortly after an operation or its context.
const grace = 2 * time.Second

// Pinned returns a copy of config for a pool that is the same on every machine, whatever the
// connection string says. Counts depend on how statements are sent and when connections open.
func Pinned(config *pgxpool.Config, maxConns int32) *pgxpool.Config {
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = maxConns, 0, 0
	config.MaxConnLifetime, config.MaxConnLifetimeJitter, config.MaxConnIdleTime = time.Hour, 0, time.Hour
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	config.ConnConfig.StatementCacheCapacity, config.ConnConfig.DescriptionCacheCapacity = 512, 512
	return config
}

// Close closes pool, or returns [ErrLeaked] after two seconds: pgxpool waits without limit for
// a leaked connection.
func Close(pool *pgxpool.Pool) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if bounded.Wait(ctx, 0, pool.Close) != nil {
		return ErrLeaked
	}
	return nil
}

// Package pgpool opens and closes pools in the way that measuring needs.
package pgpool

import (
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrLeaked is returned by [Close] if a connection was acquired and not released.
var ErrLeaked = errors.New("a connection was not given back to the pool")

// grace is for what ends just after an operation, or after its context.
const grace = 2 * time.Second

// Pinned returns a copy of config for a pool that is the same on every machine
// and whatever the connection string of the server says: counts depend on how
// statements are sent and on when connections are made.
func Pinned(config *pgxpool.Config, maxConns int32) *pgxpool.Config {
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = maxConns, 0, 0
	config.MaxConnLifetime, config.MaxConnLifetimeJitter, config.MaxConnIdleTime = time.Hour, 0, time.Hour
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	config.ConnConfig.StatementCacheCapacity, config.ConnConfig.DescriptionCacheCapacity = 512, 512
	return config
}

// Close closes pool, or returns [ErrLeaked] after two seconds: pgxpool waits for every
// connection to come back, which one that was leaked never does.
func Close(pool *pgxpool.Pool) error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		pool.Close()
	}()
	select {
	case <-closed:
		return nil
	case <-time.After(grace):
		return ErrLeaked
	}
}

package scenarios

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// cleanup bounds the work that must be done even after the run was interrupted.
	cleanup = 10 * time.Second
	// fixtureConns lets a Setup hold a transaction or rows while it stores others.
	fixtureConns = 4
	// grace is for what ends just after the operation, or after its context.
	grace = 2 * time.Second
)

// Codes with which a server refuses connections for good.
const (
	databaseMissing = "3D000"
	shutdownClass   = "57P"
)

// databases hands out the database of each cell: one for all where nothing is
// written, else a fresh copy of one that has the schema.
type databases struct {
	server Server
	base   *pgxpool.Config
	shared *pgxpool.Pool // nil: every cell gets a copy of base
}

// A database is what one cell works in.
type database struct {
	config   *pgxpool.Config
	fixtures *pgxpool.Pool
	close    func() error
}

func (r *Runner) open(ctx context.Context, p *Path) (*databases, error) {
	base, err := r.Server.Create(ctx, p.Schema)
	if err != nil {
		return nil, err
	}
	dbs := &databases{server: r.Server, base: base}
	if p.ReadOnly {
		if dbs.shared, err = pgxpool.NewWithConfig(ctx, pinned(base, int32(fixtureConns*max(r.Parallel, 1)))); err != nil {
			return nil, errors.Join(err, dbs.close())
		}
	}
	return dbs, nil
}

func (d *databases) forCell(ctx context.Context) (*database, error) {
	if d.shared != nil {
		return &database{config: d.base, fixtures: d.shared, close: func() error { return nil }}, nil
	}
	config, err := d.server.Clone(ctx, d.base)
	if err != nil {
		return nil, err
	}
	fixtures, err := pgxpool.NewWithConfig(ctx, pinned(config, fixtureConns))
	if err != nil {
		return nil, errors.Join(err, d.drop(config))
	}
	return &database{config: config, fixtures: fixtures, close: func() error {
		return errors.Join(closePool(fixtures), d.drop(config))
	}}, nil
}

func (d *databases) close() error {
	var err error
	if d.shared != nil {
		err = closePool(d.shared)
	}
	return errors.Join(err, d.drop(d.base))
}

// alive returns why the server does not answer, or nil if it does. One that refuses
// a connection is there.
func (d *databases) alive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, cleanup)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, d.base.ConnConfig)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && refused.Code != databaseMissing && !strings.HasPrefix(refused.Code, shutdownClass):
		return nil
	case err != nil:
		return err
	}
	return conn.Close(ctx)
}

func (d *databases) drop(config *pgxpool.Config) error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanup)
	defer cancel()
	return d.server.Drop(ctx, config)
}

// pinned returns a copy of config for a pool that is the same on every machine
// and whatever the connection string of the server says: counts depend on how
// statements are sent and on when connections are made.
func pinned(config *pgxpool.Config, maxConns int32) *pgxpool.Config {
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = maxConns, 0, 0
	config.MaxConnLifetime, config.MaxConnLifetimeJitter, config.MaxConnIdleTime = time.Hour, 0, time.Hour
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	config.ConnConfig.StatementCacheCapacity, config.ConnConfig.DescriptionCacheCapacity = 512, 512
	return config
}

// closePool closes pool. pgxpool waits for every connection to come back, which
// one that was leaked never does.
func closePool(pool *pgxpool.Pool) error {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		pool.Close()
	}()
	select {
	case <-closed:
		return nil
	case <-time.After(grace):
		return ErrConnections
	}
}

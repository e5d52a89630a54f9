package scenarios

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/pgkeep"
	"github.com/fanout-bench/fanout-bench/internal/pgpool"
)

const (
	// cleanup bounds the work that must be done even after an interrupt.
	cleanup = 10 * time.Second
	// fixtureConns lets a Setup hold a transaction or rows while it stores other rows.
	fixtureConns = 4
)

// Error codes of a server that refuses connections permanently.
const (
	databaseMissing = "3D000"
	shutdownClass   = "57P"
)

// A Server makes the databases for cells. It must be safe for concurrent use. The caller owns
// the returned configs.
type Server interface {
	// Create makes an empty database and applies schema to it.
	Create(ctx context.Context, schema string) (*pgxpool.Config, error)
	// Clone copies a database that Create made and that has no connections.
	Clone(ctx context.Context, source *pgxpool.Config) (*pgxpool.Config, error)
	// Drop removes a database that Create or Clone made.
	Drop(ctx context.Context, config *pgxpool.Config) error
}

// databases provides the database of each cell: a shared one if the path only reads, else a
// copy of one with the schema.
type databases struct {
	server Server
	base   *pgxpool.Config
	shared *pgxpool.Pool // nil if every cell gets a copy of base
	// sessions are reused by later cells if they share base.
	sessions *pgkeep.Keeper
	// Copies are made and dropped while other cells are measured, because both take longer
	// than most cells.
	copies  chan databaseCopy
	stop    context.CancelFunc // of making copies
	running sync.WaitGroup
	drops   chan error // of the copies; each has room
}

type databaseCopy struct {
	config *pgxpool.Config
	err    error
}

// A database is the database of one cell.
type database struct {
	config   *pgxpool.Config
	fixtures *pgxpool.Pool
	close    func() error
}

// copyAhead makes n copies, as many in parallel as there are workers.
func (d *databases) copyAhead(ctx context.Context, workers, n int) {
	ctx, d.stop = context.WithCancel(ctx)
	spread(ctx, &d.running, workers, n, func(int) {
		config, err := d.server.Clone(ctx, d.base)
		select {
		case d.copies <- databaseCopy{config, err}:
		case <-ctx.Done():
			if err == nil {
				d.drops <- d.drop(config)
			}
		}
	})
}

// spread calls f for 0 to n-1, in as many goroutines of group as there are workers, until ctx ends.
func spread(ctx context.Context, group *sync.WaitGroup, workers, n int, f func(i int)) {
	var taken atomic.Int64
	for range workers {
		group.Go(func() {
			for i := taken.Add(1); i <= int64(n) && ctx.Err() == nil; i = taken.Add(1) {
				f(int(i) - 1)
			}
		})
	}
}

func (d *databases) forCell(ctx context.Context) (*database, error) {
	if d.shared != nil {
		return &database{config: d.base, fixtures: d.shared, close: func() error { return nil }}, nil
	}
	var made databaseCopy
	select {
	case made = <-d.copies:
	case <-ctx.Done():
		made.err = context.Cause(ctx)
	}
	if made.err != nil {
		return nil, made.err
	}
	dropLater := func() { d.running.Go(func() { d.drops <- d.drop(made.config) }) }
	fixtures, err := pgxpool.NewWithConfig(ctx, pgpool.Pinned(made.config, fixtureConns))
	if err != nil {
		dropLater()
		return nil, err
	}
	return &database{config: made.config, fixtures: fixtures, close: func() error {
		defer dropLater()
		return pgpool.Close(fixtures)
	}}, nil
}

func (d *databases) close() error {
	d.stop()
	d.running.Wait()
	d.sessions.Close()
	var errs []error
	if d.shared != nil {
		errs = append(errs, pgpool.Close(d.shared))
	}
	close(d.drops)
	for err := range d.drops {
		errs = append(errs, err)
	}
	return errors.Join(append(errs, d.drop(d.base))...)
}

// alive returns an error if the server does not answer. A server that refuses a connection is
// alive.
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

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
	// cleanup bounds the work that must be done even after the run was interrupted.
	cleanup = 10 * time.Second
	// fixtureConns lets a Setup hold a transaction or rows while it stores others.
	fixtureConns = 4
)

// Codes with which a server refuses connections for good.
const (
	databaseMissing = "3D000"
	shutdownClass   = "57P"
)

// A Server makes the databases that cells are measured in. It must be safe for concurrent
// use. The configs it returns belong to the caller.
type Server interface {
	// Create makes an empty database and applies schema to it.
	Create(ctx context.Context, schema string) (*pgxpool.Config, error)
	// Clone copies a database that Create made, and that nobody is connected to.
	Clone(ctx context.Context, source *pgxpool.Config) (*pgxpool.Config, error)
	// Drop removes a database that Create or Clone made.
	Drop(ctx context.Context, config *pgxpool.Config) error
}

// databases hands out the database of each cell: one for all where nothing is
// written, else a fresh copy of one that has the schema.
type databases struct {
	server Server
	base   *pgxpool.Config
	shared *pgxpool.Pool // nil: every cell gets a copy of base
	// sessions go from one cell to the next, where they share base.
	sessions *pgkeep.Keeper
	// copies are made while cells are measured, and dropped while the next ones are:
	// both take longer than most cells.
	copies  chan databaseCopy
	stop    context.CancelFunc // of making copies
	running sync.WaitGroup
	drops   chan error // of the copies; each has room
}

type databaseCopy struct {
	config *pgxpool.Config
	err    error
}

// A database is what one cell works in.
type database struct {
	config   *pgxpool.Config
	fixtures *pgxpool.Pool
	close    func() error
}

// copyAhead makes n copies, as many at once as there are workers to take them.
func (d *databases) copyAhead(ctx context.Context, workers, n int) {
	ctx, d.stop = context.WithCancel(ctx)
	var begun atomic.Int64
	for range workers {
		d.running.Go(func() {
			for begun.Add(1) <= int64(n) {
				config, err := d.server.Clone(ctx, d.base)
				select {
				case d.copies <- databaseCopy{config, err}:
				case <-ctx.Done():
					if err == nil {
						d.drops <- d.drop(config)
					}
					return
				}
			}
		})
	}
}

func (d *databases) forCell(ctx context.Context) (*database, error) {
	if d.shared != nil {
		return &database{config: d.base, fixtures: d.shared, close: func() error { return nil }}, nil
	}
	var config *pgxpool.Config
	select {
	case c := <-d.copies:
		if c.err != nil {
			return nil, c.err
		}
		config = c.config
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	dropLater := func() { d.running.Go(func() { d.drops <- d.drop(config) }) }
	fixtures, err := pgxpool.NewWithConfig(ctx, pgpool.Pinned(config, fixtureConns))
	if err != nil {
		dropLater()
		return nil, err
	}
	return &database{config: config, fixtures: fixtures, close: func() error {
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

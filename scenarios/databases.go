package scenarios

import (
	"context"
	"errors"
	"strings"
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

// databases hands out the database of each cell: one for all where nothing is
// written, else a fresh copy of one that has the schema.
type databases struct {
	server Server
	base   *pgxpool.Config
	shared *pgxpool.Pool // nil: every cell gets a copy of base
	// sessions go from one cell to the next, where they share base.
	sessions *pgkeep.Keeper
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
		if dbs.shared, err = pgxpool.NewWithConfig(ctx, pgpool.Pinned(base, int32(fixtureConns*r.parallel()))); err != nil {
			return nil, errors.Join(err, dbs.close())
		}
		dbs.sessions = pgkeep.New(ctx, dbs.shared, r.measured(base, true).ConnConfig)
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
	fixtures, err := pgxpool.NewWithConfig(ctx, pgpool.Pinned(config, fixtureConns))
	if err != nil {
		return nil, errors.Join(err, d.drop(config))
	}
	return &database{config: config, fixtures: fixtures, close: func() error {
		return errors.Join(pgpool.Close(fixtures), d.drop(config))
	}}, nil
}

func (d *databases) close() error {
	d.sessions.Close()
	var err error
	if d.shared != nil {
		err = pgpool.Close(d.shared)
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

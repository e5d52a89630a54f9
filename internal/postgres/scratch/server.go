// Package scratch creates scratch databases on a temporary PostgreSQL server or on a given
// one, where it writes nothing else.
//
// Errors never contain a password. They do name hosts, ports, users and paths, so show them
// to the user of the command but do not write them to files.
package scratch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/bounded"
	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
)

// closeLimit bounds each half of Close.
const closeLimit = 15 * time.Second

var errClosed = errors.New("the server is closed")

// A Server is a PostgreSQL server for scratch databases. It is safe for concurrent use.
type Server struct {
	databases
	description string
	stop        func() error // ends a temporary server; nil for a given one

	closing  context.Context // done as soon as Close is called
	shutdown func() error    // returns the same error each time
	running  sync.RWMutex    // held for reading by operations
}

// New wraps the server at config and takes over config. For a temporary server, stop is not
// nil and origin describes it. On error New does not call stop.
func New(ctx context.Context, config *pgxpool.Config, origin string, stop func() error) (*Server, error) {
	// This name shows the server's administrator who connects, unless the user chose another.
	if params := config.ConnConfig.RuntimeParams; params["application_name"] == "" {
		params["application_name"] = "fanout-bench"
	}
	hide := redact.Password(config.ConnString(), config.ConnConfig.Password)
	admin := config.Copy()
	admin.MaxConns, admin.MinConns, admin.MinIdleConns = 4, 0, 0
	// Prepare nothing: through a pooler inspect would fail before it has told that there is one.
	admin.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	// Without these, which a database or role may have set otherwise, pgx refuses that protocol.
	admin.ConnConfig.RuntimeParams["client_encoding"], admin.ConnConfig.RuntimeParams["standard_conforming_strings"] = "UTF8", "on"
	pool, err := pgxpool.NewWithConfig(ctx, admin)
	if err != nil {
		return nil, hide.Error(err)
	}
	facts, err := inspect(ctx, pool)
	if err != nil {
		err = hide.Error(err)
	} else {
		err = facts.check()
	}
	var lease lease
	if err == nil {
		if lease, err = newLease(ctx, admin.ConnConfig, stop == nil); err != nil {
			err = hide.Error(err)
		}
	}
	if err != nil {
		_ = bounded.Wait(ctx, 0, pool.Close)
		return nil, err
	}
	s := &Server{
		databases:   databases{major: facts.major(), ours: stop != nil, config: config, admin: pool, redact: hide, lease: lease},
		description: fmt.Sprintf("PostgreSQL %s, %s", facts.version, origin),
		stop:        stop,
	}
	var closing context.CancelFunc
	s.closing, closing = context.WithCancel(context.Background())
	s.shutdown = sync.OnceValue(func() error {
		closing()
		return s.end()
	})
	return s, nil
}

// Description returns one line about the server, such as
// "PostgreSQL 15.18, temporary server from local binaries", without host, path or user.
func (s *Server) Description() string { return s.description }

// ConnString returns the connection string of the server, with the password, for another
// program that creates databases on it.
func (s *Server) ConnString() string {
	if s.stop != nil {
		return connString(s.config, true)
	}
	return s.config.ConnString()
}

// Redacted returns the text of err without the password of the server and without the
// argument values that the driver and the server quote. It names hosts and users, so show it
// to the user of the command but do not write it to files.
func (s *Server) Redacted(err error) string { return s.redact.Text(err) }

// Create makes a database, applies the SQL of schema and returns a pool configuration
// without a tracer, which the caller may change. Encoding UTF8 and locale C make rows sort
// the same on every server.
func (s *Server) Create(ctx context.Context, schema string) (*pgxpool.Config, error) {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	config, err := s.make(ctx, "")
	if err != nil {
		return nil, err
	}
	if err := s.apply(ctx, config, schema); err != nil {
		return nil, s.discard(ctx, config.ConnConfig.Database, err)
	}
	return config, nil
}

// Clone copies the database of source and returns a pool configuration for the copy. This
// Server must have made source, and all pools on it must be closed.
func (s *Server) Clone(ctx context.Context, source *pgxpool.Config) (*pgxpool.Config, error) {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	template := source.ConnConfig.Database
	if !s.owns(template) {
		return nil, fmt.Errorf("clone database %q: this server did not make it", template)
	}
	if err := s.vacated(ctx, template, vacateLimit); err != nil {
		return nil, fmt.Errorf("clone a database: %w", err)
	}
	return s.make(ctx, template)
}

// Drop removes a database made by this Server and ends its connections. If Drop fails,
// Close tries again.
func (s *Server) Drop(ctx context.Context, config *pgxpool.Config) error {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	name := config.ConnConfig.Database
	if !s.owns(name) {
		return fmt.Errorf("drop database %q: this server did not make it", name)
	}
	return s.remove(ctx, name)
}

// Keep makes Close leave the database of config on a given server, and reports whether it
// does: a temporary server keeps nothing.
func (s *Server) Keep(config *pgxpool.Config) bool {
	if s.stop != nil {
		return false
	}
	_, made := s.made.LoadAndDelete(config.ConnConfig.Database)
	return made
}

// Close ends running operations, then stops a temporary server and removes its folder, or
// drops the databases made on a given server. It takes bounded time. Later calls wait for
// the first and return its error.
func (s *Server) Close() error { return s.shutdown() }

func (s *Server) end() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	_ = bounded.Wait(ctx, 0, func() {
		s.running.Lock()
		defer s.running.Unlock()
	})
	var errs []error
	if s.stop == nil {
		for _, name := range s.names() {
			errs = append(errs, s.remove(ctx, name))
		}
	}
	ctx, cancel = context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	_ = bounded.Wait(ctx, 0, s.admin.Close)
	s.lease.release(ctx)
	if s.stop != nil {
		errs = append(errs, s.stop())
	}
	return errors.Join(errs...)
}

// begin admits an operation unless the Server is closed. The returned context ends with ctx
// or with Close. The caller calls end after the operation.
func (s *Server) begin(ctx context.Context) (_ context.Context, end func(), _ error) {
	if s.closing.Err() != nil {
		return nil, nil, errClosed // Close holds the lock
	}
	s.running.RLock()
	if s.closing.Err() != nil {
		s.running.RUnlock()
		return nil, nil, errClosed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	unwatch := context.AfterFunc(s.closing, func() { cancel(errClosed) })
	return ctx, func() {
		unwatch()
		cancel(nil)
		s.running.RUnlock()
	}, nil
}

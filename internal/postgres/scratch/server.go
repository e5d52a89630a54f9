// Package scratch makes scratch databases on a PostgreSQL server: one that is given, on which
// nothing but them is ever written, or a temporary one. No error of this package contains a
// password. Errors do name hosts, ports, users and paths, so they are for whoever runs the
// command, and not for files.
package scratch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
)

// closeLimit bounds each of the two halves of Close.
const closeLimit = 15 * time.Second

var errClosed = errors.New("the server is closed")

// A Server is a PostgreSQL server on which scratch databases can be made. It is
// safe for concurrent use.
type Server struct {
	databases
	description string
	stop        func() error // ends a temporary server; nil on one that is not ours

	closing context.Context // done as soon as Close is called
	close   context.CancelFunc
	once    sync.Once
	err     error // of Close, set by once

	admitting sync.Mutex
	running   sync.WaitGroup // operations begun; Add only while admitting and before closing is done
}

// New wraps a server that config, which it takes over, reaches. A non-nil stop makes it a
// temporary one, where origin says of what. On an error nothing is stopped.
func New(ctx context.Context, config *pgxpool.Config, origin string, stop func() error) (*Server, error) {
	// The server's administrator sees whose connections these are, unless the user chose a
	// name.
	if params := config.ConnConfig.RuntimeParams; params["application_name"] == "" {
		params["application_name"] = "fanout-bench"
	}
	hide := redact.Password(config.ConnString(), config.ConnConfig.Password)
	admin := config.Copy()
	admin.MaxConns, admin.MinConns, admin.MinIdleConns = 4, 0, 0
	// Prepares nothing: a pooler in front of the server may run the next
	// statement on another connection.
	admin.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
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
	held := newLease()
	if err == nil && stop == nil {
		if err = held.hold(ctx, admin.ConnConfig); err != nil {
			err = hide.Error(err)
		}
	}
	if err != nil {
		within(ctx, pool.Close)
		return nil, err
	}
	s := &Server{
		databases: databases{
			sql: dialect{major: facts.major(), ours: stop != nil}, config: config, admin: pool, redact: hide, lease: held,
			made: map[string]struct{}{},
		},
		description: fmt.Sprintf("PostgreSQL %s, %s", facts.version, origin),
		stop:        stop,
	}
	s.closing, s.close = context.WithCancel(context.Background())
	return s, nil
}

// Description returns one line that says what the server is, such as
// "PostgreSQL 15.18, temporary server from local binaries". It names no host,
// path or user.
func (s *Server) Description() string { return s.description }

// ConnString returns the connection string of the server, for a program that is to make
// databases on it too. It holds the password.
func (s *Server) ConnString() string {
	if s.stop != nil {
		return connString(s.config, true)
	}
	return s.config.ConnString()
}

// Redacted returns the text of err, an error of work on a database of s, without the
// password of the server and without the values that the driver and the server quote
// when they refuse an argument. It names hosts and users, so it is for whoever runs
// the command, and not for files.
func (s *Server) Redacted(err error) string { return s.redact.Text(err) }

// Create makes a new database, applies the SQL of schema to it and returns a
// configuration for its pool. The configuration is the caller's to change and
// has no tracer. The database has encoding UTF8 and locale C on every server,
// so that rows sort the same everywhere.
func (s *Server) Create(ctx context.Context, schema string) (*pgxpool.Config, error) {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	config, err := s.make(ctx, s.sql.createEmpty)
	if err != nil {
		return nil, err
	}
	if err := s.apply(ctx, config, schema); err != nil {
		return nil, s.discard(ctx, config.ConnConfig.Database, err)
	}
	return config, nil
}

// Clone makes a copy of the database that source names and returns a
// configuration for its pool. The database must be one this Server made, and
// the pools on it have to be closed.
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
	return s.make(ctx, func(name string) string { return s.sql.createClone(name, template) })
}

// Drop removes a database this Server made, and ends the connections to it. If
// it fails, Close tries again.
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

// Keep leaves the database of config on the server for good, if that is one that the
// user gave, and reports whether it does.
func (s *Server) Keep(config *pgxpool.Config) bool {
	return s.stop == nil && s.disown(config.ConnConfig.Database)
}

// Close ends the operations under way, then stops a temporary server and
// removes its folder, or drops the databases that were made on another server.
// It takes bounded time, needs no context and does its work once: later calls
// wait for the first and return the same error.
func (s *Server) Close() error {
	s.once.Do(func() { s.err = s.shutdown() })
	return s.err
}

func (s *Server) shutdown() error {
	s.admitting.Lock()
	s.close()
	s.admitting.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	within(ctx, s.running.Wait)

	var errs []error
	if s.stop == nil {
		for _, name := range s.names() {
			errs = append(errs, s.remove(ctx, name))
		}
	}
	ctx, cancel = context.WithTimeout(context.Background(), closeLimit)
	defer cancel()
	within(ctx, s.admin.Close)
	s.lease.release(ctx)
	if s.stop != nil {
		errs = append(errs, s.stop())
	}
	return errors.Join(errs...)
}

// begin admits an operation unless the Server is closed. The context it returns
// ends with ctx and with Close; the caller calls end when the operation is over.
func (s *Server) begin(ctx context.Context) (_ context.Context, end func(), _ error) {
	s.admitting.Lock()
	defer s.admitting.Unlock()
	if s.closing.Err() != nil {
		return nil, nil, errClosed
	}
	s.running.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	unwatch := context.AfterFunc(s.closing, func() { cancel(errClosed) })
	return ctx, func() {
		unwatch()
		cancel(nil)
		s.running.Done()
	}, nil
}

// within waits until f returned or ctx ended.
func within(ctx context.Context, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

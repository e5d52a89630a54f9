package scratch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
)

const (
	// statementLimit bounds what does not end with the caller's context: the
	// creation of a database, and its removal if it is of no use.
	statementLimit = 30 * time.Second

	// vacateLimit is how long a connection may take to end after its client has
	// closed it.
	vacateLimit = time.Second

	// lookAgain is when the server looks again at the connections to a database that it
	// is asked to copy or drop.
	lookAgain = 100 * time.Millisecond

	vacateInterval = time.Millisecond
)

// databases are those that a Server has made.
type databases struct {
	sql    dialect
	config *pgxpool.Config // never handed out, only copies of it
	admin  *pgxpool.Pool   // on the database config names, for CREATE and DROP
	redact redact.Redactor
	lease  lease

	mu   sync.Mutex
	made map[string]struct{} // that exist or may exist
}

func (d *databases) owns(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.made[name]
	return ok
}

// disown has Close leave the database name, and reports whether it would have dropped it.
func (d *databases) disown(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.made[name]
	delete(d.made, name)
	return ok
}

// names returns those of all.
func (d *databases) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.made))
}

// make runs the statement that create returns for a new name, and returns the
// configuration of the database it made.
func (d *databases) make(ctx context.Context, create func(name string) string) (*pgxpool.Config, error) {
	if ctx.Err() != nil {
		return nil, d.failure(ctx, "create a scratch database", ctx.Err())
	}
	name := d.lease.name()
	d.mu.Lock()
	d.made[name] = struct{}{} // first, so that Close also finds it if the answer is lost
	d.mu.Unlock()

	// Canceling the statement half way would leave open whether the database
	// comes to exist, and Close could look for it before it does.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementLimit)
	defer cancel()
	if _, err := d.admin.Exec(limited, create(name)); err != nil {
		return nil, d.discard(ctx, name, d.failure(limited, "create a scratch database", err))
	}
	if _, err := d.admin.Exec(limited, commentOn(name)); err != nil {
		return nil, d.discard(ctx, name, d.failure(limited, "comment on a scratch database", err))
	}
	return inDatabase(d.config, name, d.sql.ours), nil
}

// apply runs the statements of schema on the database of config.
func (d *databases) apply(ctx context.Context, config *pgxpool.Config, schema string) error {
	if strings.TrimSpace(schema) == "" {
		return nil
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig.Copy())
	if err != nil {
		return d.failure(ctx, "connect to a scratch database", err)
	}
	_, err = conn.PgConn().Exec(ctx, schema).ReadAll()
	if closeErr := conn.Close(context.WithoutCancel(ctx)); err == nil {
		err = closeErr
	}
	if err != nil {
		return d.failure(ctx, "apply the schema"+place(schema, err), err)
	}
	return nil
}

// place returns where in schema the server saw err, if it said so.
func place(schema string, err error) string {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Position < 1 {
		return ""
	}
	before := []rune(schema) // the server counts characters, from 1
	before = before[:min(int(pgErr.Position)-1, len(before))]
	return fmt.Sprintf(", line %d", 1+strings.Count(string(before), "\n"))
}

// vacated waits until nobody is connected to the database name, and returns an error
// after limit. Closing a connection does not wait for the server's part of it to end, and
// the server, asked to copy or drop the database meanwhile, looks again only after a while.
func (d *databases) vacated(ctx context.Context, name string, limit time.Duration) error {
	const connections = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"
	tick := time.NewTicker(vacateInterval)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); ; {
		var n int
		if err := d.admin.QueryRow(ctx, connections, name).Scan(&n); err != nil {
			return d.failure(ctx, "look for connections to "+name, err)
		}
		switch {
		case n == 0:
			return nil
		case time.Now().After(deadline):
			return errors.New("somebody is still connected to database " + name)
		}
		<-tick.C
	}
}

// remove drops the database name, which d made.
func (d *databases) remove(ctx context.Context, name string) error {
	_ = d.vacated(ctx, name, lookAgain) // dropping ends who is connected still
	if _, err := d.admin.Exec(ctx, drop(name)); err != nil {
		return d.failure(ctx, "drop scratch database "+name, err)
	}
	d.disown(name)
	return nil
}

// discard removes a database that is of no use because of err, even if that is because ctx
// ended, and returns err with what went wrong.
func (d *databases) discard(ctx context.Context, name string, err error) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementLimit)
	defer cancel()
	return redact.Also(err, d.remove(limited, name))
}

// failure says that step failed because of err, or because ctx ended first.
func (d *databases) failure(ctx context.Context, step string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", step, context.Cause(ctx))
	}
	return fmt.Errorf("%s: %w", step, d.redact.Error(err))
}

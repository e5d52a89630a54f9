package scratch

import (
	"context"
	"errors"
	"fmt"
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
	// statementLimit bounds statements that outlive the caller's context: CREATE DATABASE,
	// and DROP DATABASE after a failure.
	statementLimit = 30 * time.Second

	// vacateLimit bounds how long the server takes to end a connection that its client closed.
	vacateLimit = time.Second

	// lookAgain is how often the server rechecks the connections to a database that it
	// copies or drops.
	lookAgain = 100 * time.Millisecond

	vacateInterval = time.Millisecond
)

// comment tells whoever finds a database where it comes from. A killed run can leave one.
const comment = "Scratch database of fanout-bench. If its run was killed, fanout-bench doctor --clean drops it."

// databases are the scratch databases of a Server.
type databases struct {
	major  int             // version of the server
	ours   bool            // the server is a temporary one
	config *pgxpool.Config // never handed out, only copies of it
	admin  *pgxpool.Pool   // on the database config names, for CREATE and DROP
	redact redact.Redactor
	lease  lease
	made   sync.Map // the names that exist or may exist
}

func (d *databases) owns(name string) bool {
	_, ok := d.made.Load(name)
	return ok
}

func (d *databases) names() []string {
	var names []string
	for name := range d.made.Range {
		names = append(names, name.(string))
	}
	slices.Sort(names)
	return names
}

// make makes a database, a copy of template if that is not empty, and returns its configuration.
func (d *databases) make(ctx context.Context, template string) (*pgxpool.Config, error) {
	if ctx.Err() != nil {
		return nil, d.failure(ctx, "create a scratch database", ctx.Err())
	}
	name := d.lease.name()
	d.made.Store(name, nil) // before CREATE, so that Close drops it even if the answer is lost

	// A canceled statement may or may not create the database, even after Close has looked.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementLimit)
	defer cancel()
	for _, sql := range []string{
		create(name, template, d.major, d.ours),
		"COMMENT ON DATABASE " + quoted(name) + " IS '" + comment + "'",
	} {
		if _, err := d.admin.Exec(limited, sql); err != nil {
			return nil, d.discard(ctx, name, d.failure(limited, "create a scratch database", err))
		}
	}
	return inDatabase(d.config, name, d.ours), nil
}

// create returns the statement that makes the database name.
func create(name, template string, major int, ours bool) string {
	sql := "CREATE DATABASE " + quoted(name) + " TEMPLATE " + quoted(template)
	if template == "" {
		// Nobody has changed template0, which alone allows another locale.
		sql = "CREATE DATABASE " + quoted(name) + " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
		if major >= 15 {
			sql += " LOCALE_PROVIDER libc" // else a server set up for ICU refuses locale C
		}
	}
	// Without fsync, copying files is fastest, but it makes the server write two checkpoints,
	// which other people's servers should be spared. Older versions do not know the clause.
	if ours && major >= 15 {
		sql += " STRATEGY FILE_COPY"
	}
	return sql
}

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

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

// place returns the line of schema that err points to, if any.
func place(schema string, err error) string {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Position < 1 {
		return ""
	}
	before := []rune(schema) // the server counts characters, from 1
	before = before[:min(int(pgErr.Position)-1, len(before))]
	return fmt.Sprintf(", line %d", 1+strings.Count(string(before), "\n"))
}

// vacated waits until nobody is connected to the database name, at most for limit. A client
// does not wait for the server to end a closed connection, and a server that must copy or
// drop the database meanwhile retries only after lookAgain.
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
			return errors.New("database " + name + " still has connections; close them first")
		}
		<-tick.C
	}
}

// remove drops the database name, made by d.
func (d *databases) remove(ctx context.Context, name string) error {
	_ = d.vacated(ctx, name, lookAgain) // DROP ends the remaining connections
	// It may be missing, because creating it may have failed.
	if _, err := d.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quoted(name)+" WITH (FORCE)"); err != nil {
		return d.failure(ctx, "drop scratch database "+name, err)
	}
	d.made.Delete(name)
	return nil
}

// discard removes a database after err, even if ctx has ended, and adds its own error to err.
func (d *databases) discard(ctx context.Context, name string, err error) error {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementLimit)
	defer cancel()
	return redact.Also(err, d.remove(limited, name))
}

func (d *databases) failure(ctx context.Context, step string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", step, context.Cause(ctx))
	}
	return fmt.Errorf("%s: %w", step, d.redact.Error(err))
}

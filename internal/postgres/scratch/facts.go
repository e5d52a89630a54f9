package scratch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
)

// minMajor is the oldest version with DROP DATABASE … WITH (FORCE) and CREATE DATABASE … LOCALE.
const minMajor = 13

// protocolViolation is how a pooler refuses a database or a parameter.
const protocolViolation = "08P01"

// Supported returns an error for a version of PostgreSQL that is too old.
func Supported(version string, major int) error {
	if major < minMajor {
		return fmt.Errorf("PostgreSQL %s is too old; use version %d or newer", version, minMajor)
	}
	return nil
}

// facts decide whether a server can be used.
type facts struct {
	version   string // "15.18"
	number    int    // 150018
	role      string
	mayCreate bool
	readOnly  bool
	pooler    bool // answers in place of the server
}

// errPooler names what cannot create databases and connect to them, nor count sessions.
var errPooler = errors.New("a pooler such as pgbouncer is between here and the server; give the URL of PostgreSQL itself")

func inspect(ctx context.Context, pool *pgxpool.Pool) (facts, error) {
	var f facts
	conn, err := pool.Acquire(ctx)
	if err != nil {
		// A server has codes of its own for names and parameters that it does not know.
		if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && refused.Code == protocolViolation {
			err = redact.Also(err, errPooler)
		}
		return f, err
	}
	defer conn.Release()
	var backend uint32
	err = conn.QueryRow(ctx, `
		SELECT current_setting('server_version'), current_setting('server_version_num')::int,
		       rolname, rolsuper OR rolcreatedb, pg_is_in_recovery(), pg_backend_pid()
		FROM pg_roles WHERE rolname = current_user`,
	).Scan(&f.version, &f.number, &f.role, &f.mayCreate, &f.readOnly, &backend)
	// A pooler tells its clients numbers of its own.
	f.pooler = backend != conn.Conn().PgConn().PID()
	// Distributions append their package's version: "15.18 (Debian 15.18-0+deb12u1)".
	f.version, _, _ = strings.Cut(redact.Printable(f.version), " ")
	return f, err
}

func (f facts) major() int { return f.number / 10000 }

// check returns why the server cannot be used.
func (f facts) check() error {
	if f.pooler {
		return errPooler
	}
	if err := Supported(f.version, f.major()); err != nil {
		return err
	}
	switch {
	case f.readOnly:
		return errors.New("the server is a read-only standby; use the primary")
	case !f.mayCreate:
		return fmt.Errorf("the role may not create databases; allow it to: ALTER ROLE %s CREATEDB", quoted(redact.Printable(f.role)))
	}
	return nil
}

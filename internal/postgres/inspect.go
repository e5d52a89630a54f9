package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// minMajor is the oldest version with DROP DATABASE … WITH (FORCE) and
// CREATE DATABASE … LOCALE.
const minMajor = 13

// serverFacts is what decides whether a server can be used.
type serverFacts struct {
	version   string // "15.18"
	number    int    // 150018
	role      string
	mayCreate bool
	readOnly  bool
}

func inspect(ctx context.Context, pool *pgxpool.Pool) (serverFacts, error) {
	var f serverFacts
	err := pool.QueryRow(ctx, `
		SELECT current_setting('server_version'), current_setting('server_version_num')::int,
		       rolname, rolsuper OR rolcreatedb, pg_is_in_recovery()
		FROM pg_roles WHERE rolname = current_user`,
	).Scan(&f.version, &f.number, &f.role, &f.mayCreate, &f.readOnly)
	// Distributions append their package's version: "15.18 (Debian 15.18-0+deb12u1)".
	f.version, _, _ = strings.Cut(printable(f.version), " ")
	return f, err
}

func (f serverFacts) major() int { return f.number / 10000 }

// check returns why the server cannot be used.
func (f serverFacts) check() error {
	switch {
	case f.major() < minMajor:
		return fmt.Errorf("PostgreSQL %s is too old, %d is the oldest supported version", f.version, minMajor)
	case f.readOnly:
		return errors.New("the server is a read-only standby")
	case !f.mayCreate:
		return fmt.Errorf("the role may not create databases; allow it with: ALTER ROLE %s CREATEDB", quoted(printable(f.role)))
	}
	return nil
}

package scratch

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// databaseName matches the name of a scratch database.
const databaseName = prefix + `[0-9a-f]{16}_[0-9a-f]{32}`

// unleased is true for a database name if no running process holds its lease.
const unleased = `
	NOT EXISTS (
		SELECT FROM pg_locks
		WHERE locktype = 'advisory' AND objsubid = 1
		AND lpad(to_hex(classid::bigint), 8, '0') || lpad(to_hex(objid::bigint), 8, '0') = substr(datname, length('` + prefix + `') + 1, 16))`

// orphans selects the scratch databases that no running process holds and that the role of
// conn may drop. Databases with connections are excluded, because a pooler may end the
// session of a lease early.
const orphans = `
	SELECT datname FROM pg_database AS d
	WHERE datname ~ '^` + databaseName + `$'
	AND pg_has_role(datdba, 'USAGE')
	AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datid = d.oid)
	AND ` + unleased + `
	ORDER BY datname`

// busy selects the other scratch databases that no running process holds: sessions create them,
// so that they are not visible yet, or are connected to them. A server notices the end of its
// client only after the statement.
const busy = `
	SELECT datname, bool_or(creating) FROM (
		SELECT substring(query FROM '^CREATE DATABASE "(` + databaseName + `)"') AS datname, true AS creating
		FROM pg_stat_activity WHERE state = 'active'
		UNION ALL
		SELECT d.datname, false FROM pg_database AS d JOIN pg_stat_activity AS a ON a.datid = d.oid
		WHERE d.datname ~ '^` + databaseName + `$' AND pg_has_role(datdba, 'USAGE') AND d.datname <> current_database()
	) AS used
	WHERE datname IS NOT NULL AND ` + unleased + `
	GROUP BY datname ORDER BY datname`

// Orphans returns the names of the scratch databases that killed runs left on the server, and
// the names of those that somebody uses. It waits some time for the last statements of killed
// runs.
func (s *Server) Orphans(ctx context.Context) (left, used []string, err error) {
	if used, err = s.settled(ctx); err != nil {
		return nil, nil, s.failure(ctx, "look for scratch databases in use", err)
	}
	rows, _ := s.admin.Query(ctx, orphans) // the rows carry its error
	if left, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return nil, nil, s.failure(ctx, "look for scratch databases", err)
	}
	// A session that ends between both queries must not list a database twice.
	used = slices.DeleteFunc(used, func(name string) bool { return slices.Contains(left, name) })
	return left, used, nil
}

// settled waits until no database is busy, and returns those that still are after the limits.
func (s *Server) settled(ctx context.Context) (used []string, err error) {
	tick := time.NewTicker(10 * vacateInterval) // a statement may take seconds
	defer tick.Stop()
	for began := time.Now(); ; {
		var (
			name     string
			creates  bool
			creating = false
		)
		used = nil
		rows, _ := s.admin.Query(ctx, busy) // the rows carry its error
		if _, err := pgx.ForEachRow(rows, []any{&name, &creates}, func() error {
			used, creating = append(used, name), creating || creates
			return nil
		}); err != nil {
			return nil, err
		}
		limit := vacateLimit
		if creating {
			limit = statementLimit
		}
		if len(used) == 0 || time.Since(began) > limit {
			return used, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// DropOrphan drops one of Orphans. It fails if somebody has connected to it since.
func (s *Server) DropOrphan(ctx context.Context, name string) error {
	if _, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quoted(name)); err != nil {
		return s.failure(ctx, "drop scratch database "+name, err)
	}
	return nil
}

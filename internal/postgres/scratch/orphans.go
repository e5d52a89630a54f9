package scratch

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// orphans selects the scratch databases that no running process holds and that the role of
// conn may drop. Databases with connections are excluded, because a pooler may end the
// session of a lease early.
const orphans = `
	SELECT datname FROM pg_database AS d
	WHERE datname ~ '^` + prefix + `[0-9a-f]{16}_[0-9a-f]{32}$'
	AND pg_has_role(datdba, 'USAGE')
	AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datid = d.oid)
	AND NOT EXISTS (
		SELECT FROM pg_locks
		WHERE locktype = 'advisory' AND objsubid = 1
		AND lpad(to_hex(classid::bigint), 8, '0') || lpad(to_hex(objid::bigint), 8, '0') = substr(datname, length('` + prefix + `') + 1, 16))
	ORDER BY datname`

// Orphans returns the names of the scratch databases that killed runs left on the server.
func (s *Server) Orphans(ctx context.Context) ([]string, error) {
	rows, _ := s.admin.Query(ctx, orphans) // the rows carry its error
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, s.failure(ctx, "look for scratch databases", err)
	}
	return names, nil
}

// DropOrphan drops one of Orphans. It fails if somebody has connected to it since.
func (s *Server) DropOrphan(ctx context.Context, name string) error {
	if _, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quoted(name)); err != nil {
		return s.failure(ctx, "drop scratch database "+name, err)
	}
	return nil
}

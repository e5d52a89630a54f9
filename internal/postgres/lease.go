package postgres

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A lease tells on a server that is not ours which of the scratch databases there
// belong to a run that lives: an advisory lock of a session of its own, the key of
// which is in the names of the databases. The server lets go of the lock when the
// process ends, however it ends.
type lease struct {
	key  int64
	conn *pgx.Conn // nil unless held
}

func newLease() lease {
	random := make([]byte, 8)
	rand.Read(random) // never fails
	return lease{key: int64(binary.BigEndian.Uint64(random))}
}

// String returns the key as it is in names: sixteen hexadecimal digits.
func (l *lease) String() string { return fmt.Sprintf("%016x", uint64(l.key)) }

func (l *lease) hold(ctx context.Context, config *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", l.key); err != nil {
		_ = conn.Close(ctx)
		return err
	}
	l.conn = conn
	return nil
}

func (l *lease) release(ctx context.Context) {
	if l.conn != nil {
		_ = l.conn.Close(ctx)
	}
}

// orphans selects the scratch databases that no living run holds, and that the role
// of conn may drop. A pooler in front of the server may end the session of a lease
// before its run: what somebody is connected to is not among them.
const orphans = `
	SELECT datname FROM pg_database AS d
	WHERE datname ~ '^` + scratchPrefix + `[0-9a-f]{16}_[0-9a-f]{32}$'
	AND pg_has_role(datdba, 'USAGE')
	AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datid = d.oid)
	AND NOT EXISTS (
		SELECT FROM pg_locks
		WHERE locktype = 'advisory' AND objsubid = 1
		AND lpad(to_hex(classid::bigint), 8, '0') || lpad(to_hex(objid::bigint), 8, '0') = substr(datname, length('` + scratchPrefix + `') + 1, 16))
	ORDER BY datname`

// Orphans returns the names of the scratch databases that killed runs left on the
// server.
func (s *Server) Orphans(ctx context.Context) ([]string, error) {
	rows, err := s.admin.Query(ctx, orphans)
	if err != nil {
		return nil, s.failure(ctx, "look for scratch databases", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, s.failure(ctx, "look for scratch databases", err)
	}
	return names, nil
}

// DropOrphan drops one of Orphans, unless somebody has connected to it since.
func (s *Server) DropOrphan(ctx context.Context, name string) error {
	if _, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quoted(name)); err != nil {
		return s.failure(ctx, "drop scratch database "+name, err)
	}
	return nil
}

package scratch

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// prefix is what the names of scratch databases begin with.
const prefix = "fanout_bench_"

// A lease marks the scratch databases of a running process on a given server. It is a
// session with an advisory lock whose key is part of the database names. The server
// releases the lock whenever the process ends.
type lease struct {
	key  int64
	conn *pgx.Conn // nil unless held
}

func newLease() lease {
	random := make([]byte, 8)
	rand.Read(random) // never fails
	return lease{key: int64(binary.BigEndian.Uint64(random))}
}

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

// name returns a name that shows the owner of the database. Nobody can guess it and create
// a database of that name first.
func (l *lease) name() string {
	random := make([]byte, 16)
	rand.Read(random) // never fails
	return fmt.Sprintf("%s%016x_%x", prefix, uint64(l.key), random)
}

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
	conn *pgx.Conn // nil on a temporary server
}

func newLease(ctx context.Context, config *pgx.ConnConfig, held bool) (lease, error) {
	random := make([]byte, 8)
	rand.Read(random) // never fails
	l := lease{key: int64(binary.BigEndian.Uint64(random))}
	if !held {
		return l, nil
	}
	var err error
	if l.conn, err = pgx.ConnectConfig(ctx, config.Copy()); err != nil {
		return l, err
	}
	if _, err = l.conn.Exec(ctx, "SELECT pg_advisory_lock($1)", l.key); err != nil {
		l.release(ctx)
	}
	return l, err
}

func (l lease) release(ctx context.Context) {
	if l.conn != nil {
		_ = l.conn.Close(ctx)
	}
}

// name returns a name that shows the owner of the database. Nobody can guess it and create
// a database of that name first.
func (l lease) name() string {
	random := make([]byte, 16)
	rand.Read(random) // never fails
	return fmt.Sprintf("%s%016x_%x", prefix, uint64(l.key), random)
}

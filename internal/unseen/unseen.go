// Package unseen finds work on a database by connections that this process does not count.
//
// On PostgreSQL 13 to 18, pg_stat_activity shows when the latest statement of each backend began,
// in every protocol. So for a connection that is open at two looks it is certain whether it began
// a statement between them.
//
// From version 15 on, a closed backend leaves an exact trace too: it counts its session in
// pg_stat_database before its first statement, and flushes that count at its end, before it
// disappears from pg_stat_activity. A counted session that is neither open nor known was opened
// and closed between the looks. Only client backends count sessions, so autovacuum and parallel
// workers do not matter. Transactions also count for those, and living backends report them up to
// ten seconds late, so they are not used. Versions 13 and 14 publish statistics with a delay, and
// 13 does not count sessions: only connections open at a look are found there.
//
// Work of a connection that was open before the first look and closed before the next cannot be
// detected, because its last transactions may be older.
package unseen

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/backends"
)

// limit bounds each request to a server. Slower servers are not inspected.
const limit = 2 * time.Second

// sessionsFrom is the version from which the count of sessions is exact.
const sessionsFrom = 15

// ErrHidden says that counted connections cannot be told from others, because the server knows
// them by other PIDs.
var ErrHidden = errors.New("the PIDs of counted connections are not those of the server: a pooler is in between, or a driver does not report them")

// A Database is inspected with a connection of its own.
type Database struct {
	config   *pgx.ConnConfig
	conn     *pgx.Conn
	oid      uint32
	server   time.Time // its start, which no other server shares
	watch    *backends.Watch
	sessions bool // the count is exact
	closed   func()
}

// servers has the start of each server that was reached without a pooler between, by address: the
// PIDs of connections to it are its own. The zero time stands for several servers.
var servers sync.Map

type address struct {
	host string
	port uint16
}

// serverAt returns the start of the server at an address, if that is known to be one server.
func serverAt(host string, port uint16) (start time.Time, known bool) {
	found, _ := servers.Load(address{host, port})
	start, _ = found.(time.Time)
	return start, !start.IsZero()
}

// Open connects to the database of config, and takes ownership of config.
func Open(ctx context.Context, config *pgx.ConnConfig) (_ *Database, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	config.Tracer, config.AfterConnect, config.OnNotice, config.OnNotification = nil, nil, nil, nil
	config.BuildFrontend = pgproto3.NewFrontend
	config.DefaultQueryExecMode, config.StatementCacheCapacity = pgx.QueryExecModeCacheStatement, 8
	if config.RuntimeParams == nil {
		config.RuntimeParams = map[string]string{}
	}
	config.RuntimeParams["application_name"] = "fanout-bench"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	d := &Database{config: config, conn: conn, closed: backends.Opened(backends.Of(config, conn.PgConn().PID()))}
	defer func() {
		if err != nil {
			d.Close(ctx)
		}
	}()
	var pid uint32
	const who = "SELECT pg_catalog.pg_backend_pid(), oid, pg_catalog.pg_postmaster_start_time() FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()"
	if err := conn.QueryRow(ctx, who, pgx.QueryExecModeExec).Scan(&pid, &d.oid, &d.server); err != nil {
		return nil, err
	}
	if pid != conn.PgConn().PID() { // a pooler changes the PIDs that clients see
		return nil, ErrHidden
	}
	d.sessions = major(conn.PgConn().ParameterStatus("server_version")) >= sessionsFrom
	if d.sessions {
		// From here on the session of this connection is counted.
		if _, err := conn.Exec(ctx, "SELECT pg_catalog.pg_stat_force_next_flush()"); err != nil {
			return nil, err
		}
	}
	d.watch = backends.Begin(config.Database)
	if other, known := servers.LoadOrStore(address{config.Host, config.Port}, d.server); known && !d.server.Equal(other.(time.Time)) {
		servers.Store(address{config.Host, config.Port}, time.Time{}) // the first of several hosts
	}
	return d, nil
}

// major returns the major version: 18 of "18.1 (Debian 18.1-1)", 19 of "19beta1".
func major(version string) int {
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(version)
	}
	n, _ := strconv.Atoi(version[:end])
	return n
}

// Broken reports whether d can never be inspected again, because a look took too long.
func (d *Database) Broken() bool { return d.conn.IsClosed() }

// Close ends d.
func (d *Database) Close(ctx context.Context) {
	if d.watch != nil {
		d.watch.End()
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_ = d.conn.Close(ctx)
	d.closed()
}

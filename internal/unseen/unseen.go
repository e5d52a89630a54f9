// Package unseen finds work on a database by connections that nothing in this process counts.
//
// What is exact, on PostgreSQL 13 to 18: pg_stat_activity has for each backend when its latest
// statement began, whatever the protocol, and a statement that begins changes that. So of
// connections that are open at two looks it is certain whether they did anything in between;
// one that is idle, also within a transaction, or still at what it began before, did not.
//
// A backend that is gone has left one thing behind that is exact, from version 15 on: a backend
// counts its session in pg_stat_database before it is ready for the first statement, and flushes
// what it has not at its end, before pg_stat_activity stops to show it. What is neither open nor
// known and was counted between two looks has been opened and closed. Only for client backends is
// that done, so autovacuum and parallel workers are in neither; transactions are counted for them
// too, and by living backends up to ten seconds late, so those tell nothing. Versions 13 and 14
// send their statistics to a process that publishes them twice a second at most, and 13 counts no
// sessions: there only what is open at a look is found.
//
// One thing nobody can tell: what a connection did that was open before the first look and is
// closed before the next, as its last transactions may be from before.
package unseen

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/backends"
)

// limit bounds what is asked of a server. Who takes longer is not waited for.
const limit = 2 * time.Second

// sessionsFrom is the version whose count of sessions is exact.
const sessionsFrom = 15

// errHidden says that a server cannot be looked at.
var errHidden = errors.New("a pooler is in front of the server")

// A Database is one that is looked at, by a connection of its own.
type Database struct {
	config   *pgx.ConnConfig
	conn     *pgx.Conn
	oid      uint32
	watch    *backends.Watch
	sessions bool // they are exact
	closed   func()
}

// Open connects to the database of config, which it takes over.
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
	const who = "SELECT pg_catalog.pg_backend_pid(), oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()"
	if err := conn.QueryRow(ctx, who, pgx.QueryExecModeExec).Scan(&pid, &d.oid); err != nil {
		return nil, err
	}
	if pid != conn.PgConn().PID() { // so it is not those of backends that clients are told
		return nil, errHidden
	}
	d.sessions = major(conn.PgConn().ParameterStatus("server_version")) >= sessionsFrom
	if d.sessions {
		// That of this one is counted from here on for certain.
		if _, err := conn.Exec(ctx, "SELECT pg_catalog.pg_stat_force_next_flush()"); err != nil {
			return nil, err
		}
	}
	d.watch = backends.Begin(config.Database)
	return d, nil
}

// major returns the number that a version begins with: 18 of "18.1 (Debian 18.1-1)", 19 of
// "19beta1".
func major(version string) int {
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(version)
	}
	n, _ := strconv.Atoi(version[:end])
	return n
}

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

// Package pgkeep reuses server sessions across pools, because opening a session costs more than
// a request. Each pool still has its own connections and caches. A reused session is reset and
// greets the next connection like a new one.
//
// DISCARD ALL undoes most of what a session remembers: prepared statements, settings,
// temporary tables, cursors, locks, roles. It does not undo everything, for example the
// existence of a custom setting or the seed of random(). So only sessions that did nothing but
// read are kept (see harmless), in databases without code of their own. Others are closed.
package pgkeep

import (
	"context"
	"maps"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Keeper keeps sessions of one database. It is safe for concurrent use. A nil *Keeper
// keeps none.
type Keeper struct {
	config   *pgx.ConnConfig
	volatile map[string]bool // functions that may do more than answer

	mu   sync.Mutex
	idle []*backend
}

// examine returns the functions that may do more than answer. It also reports whether
// statements can run code without naming it: a view, a row-level policy, or a function that
// only claims to be harmless. Reading does not run triggers, so they do not count.
const examine = `
SELECT ARRAY(SELECT DISTINCT proname::text FROM pg_catalog.pg_proc WHERE provolatile = 'v'),
	EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid >= $1 AND prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype)
	OR EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE oid >= $1)
	OR EXISTS (SELECT FROM pg_catalog.pg_policy)
	OR EXISTS (SELECT FROM pg_catalog.pg_operator WHERE oid >= $1)
	OR EXISTS (SELECT FROM pg_catalog.pg_cast WHERE oid >= $1)
	OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid >= $1 AND typtype = 'd')`

// firstOwn is the first OID of objects that do not come with PostgreSQL.
const firstOwn = 16384

// New returns a Keeper for sessions that config opens, or nil if none can be kept. pool is on
// the same database.
func New(ctx context.Context, pool *pgxpool.Pool, config *pgx.ConnConfig) *Keeper {
	var (
		volatile []string
		own      bool
	)
	if err := pool.QueryRow(ctx, examine, firstOwn).Scan(&volatile, &own); err != nil || own {
		return nil
	}
	k := &Keeper{config: config.Copy(), volatile: map[string]bool{}}
	for _, name := range volatile {
		k.volatile[strings.ToLower(name)] = true
	}
	return k
}

// Attach makes the pools of config take sessions from k. Connections opened from a copy of
// their configuration get new sessions.
func (k *Keeper) Attach(config *pgxpool.Config) {
	if k != nil && config.BeforeConnect == nil {
		config.BeforeConnect = func(ctx context.Context, config *pgx.ConnConfig) error {
			k.lend(ctx, config)
			return nil
		}
	}
}

// Connect is [pgx.ConnectConfig] with a session from k, if k has one that fits config. Give the
// connection back with Release.
func (k *Keeper) Connect(ctx context.Context, config *pgx.ConnConfig) (*pgx.Conn, error) {
	if k != nil {
		k.lend(ctx, config)
	}
	return pgx.ConnectConfig(ctx, config)
}

// lend gives the connection that config is about to open a session of k, or a new session
// that k can keep.
func (k *Keeper) lend(ctx context.Context, config *pgx.ConnConfig) {
	if !k.leadsHere(config) {
		return
	}
	d := &dialer{dial: k.config.DialFunc, volatile: k.volatile}
	if b := k.take(ctx); b != nil {
		d.session = b.lend()
		// The session is authenticated already, without TLS.
		config.TLSConfig, config.Fallbacks = nil, nil
		// Older versions of pgx do not have this field.
		if required := reflect.ValueOf(config).Elem().FieldByName("RequireAuth"); required.IsValid() {
			required.SetString("")
		}
	}
	config.DialFunc = d.next
}

// leadsHere reports whether config opens sessions like those of k.
func (k *Keeper) leadsHere(config *pgx.ConnConfig) bool {
	for _, f := range config.Fallbacks {
		if f.Host != config.Host || f.Port != config.Port {
			return false // which one it will be is unknown
		}
	}
	ours := k.config
	return config.Host == ours.Host && config.Port == ours.Port && config.Database == ours.Database &&
		config.User == ours.User && config.Password == ours.Password && maps.Equal(config.RuntimeParams, ours.RuntimeParams)
}

// Keep takes the idle connections out of pool, which is about to be closed.
func (k *Keeper) Keep(ctx context.Context, pool *pgxpool.Pool) {
	if k == nil {
		return
	}
	for _, conn := range pool.AcquireAllIdle(ctx) {
		_ = k.Release(ctx, conn.Hijack())
	}
}

// Release closes conn, and keeps its session if it can.
func (k *Keeper) Release(ctx context.Context, conn *pgx.Conn) error {
	pgConn := conn.PgConn()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	s, ok := pgConn.Conn().(*session) // not a TLS connection
	if k == nil || !ok || s.spoiled.Load() || pgConn.TxStatus() != 'I' || pgConn.SyncConn(ctx) != nil {
		return conn.Close(ctx)
	}
	hijacked, err := pgConn.Hijack()
	if err != nil {
		return conn.Close(ctx)
	}
	if s.greeting == nil {
		if s.greeting, err = greeting(hijacked); err != nil {
			s.end()
			return err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.idle = append(k.idle, s.backend)
	return nil
}

// take returns a reset session, or nil if there is none.
func (k *Keeper) take(ctx context.Context) *backend {
	for {
		k.mu.Lock()
		if len(k.idle) == 0 {
			k.mu.Unlock()
			return nil
		}
		last := len(k.idle) - 1
		b := k.idle[last]
		k.idle = k.idle[:last]
		k.mu.Unlock()
		if b.reset(ctx) == nil {
			return b
		}
		_ = b.conn.Close()
	}
}

// Close ends the kept sessions.
func (k *Keeper) Close() {
	if k == nil {
		return
	}
	k.mu.Lock()
	idle := slices.Clone(k.idle)
	k.idle = nil
	k.mu.Unlock()
	for _, b := range idle {
		b.end()
	}
}

// A dialer opens the socket of one connection.
type dialer struct {
	dial     pgconn.DialFunc
	volatile map[string]bool

	mu      sync.Mutex
	session *session // the latest, or the one to lend
	lent    bool
}

// next returns the session to lend. Later calls open a new one: pgx then tries another
// address or sends a cancel request, which must not reach the next user of a kept session.
func (d *dialer) next(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session != nil {
		if !d.lent {
			d.lent = true
			return d.session, nil
		}
		d.session.spoiled.Store(true)
	}
	conn, err := d.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.session, d.lent = (&backend{conn: conn, volatile: d.volatile}).lend(), true
	return d.session, nil
}

package unseen

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/backends"
)

// A Backend is a server process whose connection this process does not count. Its texts come from
// other programs.
type Backend struct {
	Application, User string
	SQL               string // latest statement, as far as the server keeps it
	key               key
}

// key identifies a backend, also at another time.
type key struct {
	pid     uint32
	started time.Time
}

// A Look is what was visible at one time.
type Look struct {
	open     map[key]state
	sessions int                      // counted by the server so far
	opened   map[backends.Backend]int // known ones so far, by address
	tried    int                      // attempts so far, at any server
	server   time.Time                // its start
}

type state struct {
	Backend
	began time.Time // of the latest statement; zero: there was none
}

// activity leaves out workers. A role without permission sees only that other sessions exist:
// backend_start is null, and they are ignored. Calling the functions behind the views is much
// faster.
const activity = `SELECT pid, backend_start, query_start, coalesce(application_name, ''), pg_catalog.pg_get_userbyid(usesysid), coalesce(query, '')
FROM pg_catalog.pg_stat_get_activity(NULL)
WHERE datid = $1 AND backend_type = 'client backend' AND backend_start IS NOT NULL`

const sessions = `SELECT pg_catalog.pg_stat_get_db_sessions($1)`

// Look inspects the database. It reads open sessions first, because a session that ends meanwhile
// is in one of the two results, and known backends last, because a connection is known before its
// first statement.
func (d *Database) Look(ctx context.Context) (Look, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	look := Look{open: map[key]state{}, server: d.server}
	var (
		s     state
		began *time.Time
		pids  = map[uint32]bool{}
	)
	batch := &pgx.Batch{}
	batch.Queue(activity, d.oid).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&s.key.pid, &s.key.started, &began, &s.Application, &s.User, &s.SQL}, func() error {
			s.began = time.Time{}
			if began != nil {
				s.began = *began
			}
			look.open[s.key], pids[s.key.pid] = s, true
			return nil
		})
		return err
	})
	if d.sessions {
		batch.Queue(sessions, d.oid).QueryRow(func(row pgx.Row) error { return row.Scan(&look.sessions) })
	}
	if err := d.conn.SendBatch(ctx, batch).Close(); err != nil {
		return Look{}, err
	}
	var known []backends.Backend
	known, look.opened, look.tried = d.watch.Known()
	for _, b := range known {
		server, direct := serverAt(b.Host, b.Port)
		switch {
		case b.PID == 0, !direct && b.Host != "" && !pids[b.PID]:
			return Look{}, ErrHidden
		case direct && !d.server.Equal(server):
			continue // on another server, with PIDs of its own
		}
		for k := range look.open {
			if k.pid == b.PID {
				delete(look.open, k)
			}
		}
	}
	return look, nil
}

// Work is what uncounted connections did between two looks.
type Work struct {
	By    []Backend // still open
	Brief int       // opened and closed between
}

// None reports whether there was no work.
func (w Work) None() bool { return len(w.By) == 0 && w.Brief == 0 }

// Since returns the work since before. An opened connection without a statement did none.
func (l Look) Since(before Look) Work {
	w := Work{Brief: l.sessions - before.sessions - l.sessionsOfOwn(before)}
	for k, s := range l.open {
		was, before := before.open[k]
		if !before {
			w.Brief--
		}
		if !s.began.IsZero() && !s.began.Equal(was.began) {
			w.By = append(w.By, s.Backend)
		}
	}
	w.Brief = max(w.Brief, 0) // old servers count no sessions
	return w
}

// sessionsOfOwn returns how many sessions since before may be of known connections: those that were
// opened here, or all attempts to connect but those that led to another server.
func (l Look) sessionsOfOwn(before Look) int {
	here, attempts := 0, l.tried-before.tried
	for b, n := range l.opened {
		n -= before.opened[b]
		if server, direct := serverAt(b.Host, b.Port); direct && !l.server.Equal(server) {
			attempts -= n
		} else {
			here += n
		}
	}
	return max(here, attempts)
}

// Settling is Since without what may be the end of earlier work: a session whose count was late,
// of a backend that has gone.
func (l Look) Settling(before Look) Work {
	w := l.Since(before)
	for k := range before.open {
		if _, still := l.open[k]; !still {
			w.Brief = max(w.Brief-1, 0)
		}
	}
	return w
}

// Connection returns b without what other statements of the same connection do not share.
func (b Backend) Connection() Backend { return Backend{key: b.key} }

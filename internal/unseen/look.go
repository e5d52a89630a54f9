package unseen

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Backend is one whose connection nothing in this process counts. Its texts are somebody
// else's.
type Backend struct {
	Application, User string
	SQL               string // of its latest statement, as far as the server keeps it
	key               key
}

// key tells a backend from others, also of another time.
type key struct {
	pid     uint32
	started time.Time
}

// A Look is what was to be seen at one time.
type Look struct {
	open     map[key]state
	sessions int // counted by the server so far
	known    int // of them, at the most
}

type state struct {
	Backend
	began time.Time // of the latest statement; zero: it had none
}

// activity leaves out workers. The role may be allowed to see no more of others than that they
// are there: then backend_start is null, and nothing is said of them.
// The functions behind the views are asked, which takes a fraction of the time.
const activity = `SELECT pid, backend_start, query_start, coalesce(application_name, ''), pg_catalog.pg_get_userbyid(usesysid), coalesce(query, '')
FROM pg_catalog.pg_stat_get_activity(NULL)
WHERE datid = $1 AND backend_type = 'client backend' AND backend_start IS NOT NULL`

const sessions = `SELECT pg_catalog.pg_stat_get_db_sessions($1)`

// Look looks at the database. What is open is asked for first: what ends meanwhile is in one of
// the two. Who is known is asked for last, as a connection is before it has its first statement.
func (d *Database) Look(ctx context.Context) (Look, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	look := Look{open: map[key]state{}}
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
	known, counted := d.watch.Known()
	look.known = counted
	for _, b := range known {
		mine := b.Host == "" || b.Host == d.config.Host && b.Port == d.config.Port
		if b.PID == 0 || !mine && !pids[b.PID] {
			return Look{}, errAmong
		}
		for k := range look.open {
			if k.pid == b.PID {
				delete(look.open, k)
			}
		}
	}
	return look, nil
}

// errAmong says that what is known cannot be told from what is not: it is there under other
// PIDs, as behind a pooler, or by drivers that do not say theirs.
var errAmong = errors.New("connections that are counted are not to be found by their PIDs")

// Work is what connections that nothing counts did between two looks.
type Work struct {
	By    []Backend // that are open
	Brief int       // how many were opened, and closed again
}

// None reports whether there was no work.
func (w Work) None() bool { return len(w.By) == 0 && w.Brief <= 0 }

// Since returns the work after before was taken. A connection that was opened and has had no
// statement has done none.
func (l Look) Since(before Look) Work {
	w := Work{Brief: l.sessions - before.sessions - max(l.known-before.known, 0)}
	for k, s := range l.open {
		was, before := before.open[k]
		if !before {
			w.Brief--
		}
		if !s.began.IsZero() && !s.began.Equal(was.began) {
			w.By = append(w.By, s.Backend)
		}
	}
	return w
}

// Settling is Since, but for what may be the end of earlier work: a session whose count was
// late, of a backend that is gone since.
func (l Look) Settling(before Look) Work {
	w := l.Since(before)
	for k := range before.open {
		if _, still := l.open[k]; !still {
			w.Brief--
		}
	}
	return w
}

// Connection returns what b and others of the same connection have in common.
func (b Backend) Connection() Backend { return Backend{key: b.key} }

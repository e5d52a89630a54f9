package tracer

import (
	"io"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fanout-bench/fanout-bench/internal/backends"
	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// sessions finds the session of a connection, and sums up all meters.
//
// A connection has a map for other packages, CustomData. It belongs to the application, and
// goroutines that share the connection may use it now. So a session is found by the Frontend of
// the connection, which keeps it alive.
type sessions struct {
	byFrontend atomic.Pointer[map[uintptr]weak.Pointer[session]] // replaced by a new map on each change

	mu         sync.Mutex // guards the changes and the following
	meters     []*meter
	gone       sums                                 // on connections that are closed, or whose answers are not read
	connecting int                                  // connects that were reported and have not ended
	databases  map[backends.Backend]*pgx.ConnConfig // that connections were made to; without PIDs
}

// sessionKey is the CustomData key that keeps the session of an unwatched connection alive.
const sessionKey = "fanout-bench"

// session returns the session of conn, or nil.
func (r *Recorder) session(conn *pgx.Conn) *session {
	return r.sessions.of(frontendOf(conn))
}

func (t *sessions) of(f *pgproto3.Frontend) *session {
	known := t.byFrontend.Load()
	if known == nil {
		return nil
	}
	return (*known)[address(f)].Value()
}

// opened returns the session of a new connection.
func (r *Recorder) opened(conn *pgx.Conn) *session {
	f := frontendOf(conn)
	if f == nil {
		return nil
	}
	s := r.session(conn)
	if s == nil {
		s = &session{recorder: r}
		r.sessions.add(f, s)
		if custom := conn.PgConn().CustomData(); custom != nil {
			custom[sessionKey] = s
		}
	}
	return s
}

func frontendOf(conn *pgx.Conn) *pgproto3.Frontend {
	if conn == nil || conn.PgConn() == nil {
		return nil
	}
	return conn.PgConn().Frontend()
}

// address is a key that does not keep f alive. When another Frontend gets the same address, the
// session of this one is gone.
func address(f *pgproto3.Frontend) uintptr { return uintptr(unsafe.Pointer(f)) }

func (t *sessions) add(f *pgproto3.Frontend, s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	of, m := weak.Make(s), s.meter
	t.change(func(known map[uintptr]weak.Pointer[session]) { known[address(f)] = of })
	if m != nil {
		t.meters = append(t.meters, m)
		m.settled = t.connecting == 0 // it was not reported
	}
	runtime.AddCleanup(f, func(key uintptr) { t.retire(key, of, m) }, address(f))
}

// retire cleans up after a connection that is gone, whose session of had a meter if m is not nil.
func (t *sessions) retire(key uintptr, of weak.Pointer[session], m *meter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change(func(known map[uintptr]weak.Pointer[session]) {
		if known[key] == of {
			delete(known, key)
		}
	})
	t.unfollow(m)
}

// unfollow removes m and keeps its figures.
func (t *sessions) unfollow(m *meter) {
	if at := slices.Index(t.meters, m); at >= 0 {
		t.meters = slices.Delete(t.meters, at, at+1)
		t.gone.serve(m)
	}
}

// maxDatabases bounds the number of remembered databases.
const maxDatabases = 16

// reached records the backend of a connection made with config. Call closed when it is closed.
func (t *sessions) reached(config *pgx.ConnConfig, pid uint32) (closed func()) {
	b := backends.Of(config, pid)
	closed = backends.Opened(b)
	b.PID = 0
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.databases == nil {
		t.databases = make(map[backends.Backend]*pgx.ConnConfig)
	}
	if t.databases[b] == nil && len(t.databases) < maxDatabases {
		// Callbacks keep their connection alive: pgx's own for notifications does.
		config = config.Copy()
		config.Tracer, config.AfterConnect, config.OnNotice, config.OnNotification, config.OnPgError = nil, nil, nil, nil, nil
		t.databases[b] = config
	}
	return closed
}

func init() {
	beside.Databases = func(recorder any) []*pgx.ConnConfig { return recorder.(*Recorder).sessions.configs() }
}

// configs is beside.Databases.
func (t *sessions) configs() []*pgx.ConnConfig {
	t.mu.Lock()
	defer t.mu.Unlock()
	var configs []*pgx.ConnConfig
	for _, config := range t.databases {
		configs = append(configs, config.Copy())
	}
	return configs
}

// connects records that a connect begins.
func (t *sessions) connects() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.connecting++
}

// connected records that a connect has ended, with the connection of s, or without one if s is
// nil. A connection that was opened but not reported when no connect is under way never will be.
func (t *sessions) connected(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.watched() {
		s.meter.told = true
	}
	if t.connecting = max(t.connecting-1, 0); t.connecting > 0 {
		return
	}
	for _, m := range t.meters {
		if !m.told && !m.settled {
			m.settled, m.before = true, m.Worked()
		}
	}
}

func (t *sessions) change(edit func(known map[uintptr]weak.Pointer[session])) {
	next := make(map[uintptr]weak.Pointer[session])
	if known := t.byFrontend.Load(); known != nil {
		next = maps.Clone(*known)
	}
	edit(next)
	t.byFrontend.Store(&next)
}

// serve adds what the server of a connection completed.
func (b *sums) serve(m *meter) {
	b.of[inUnfinished] += m.Rest().Statements() // first, because the statements only grow
	b.of[inWire] += m.Statements()
	b.of[inUntold] += m.untold()
	b.of[inConnections]++
}

// sums returns what the servers completed.
func (t *sessions) sums() sums {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := t.gone
	for _, m := range t.meters {
		sum.serve(m)
	}
	return sum
}

// A meter belongs to a watched connection.
type meter struct {
	wire.Meter

	// The mutex of sessions guards the following.
	told    bool // the connect was reported
	settled bool // it would have been reported by now
	before  int  // statements before that
}

// untold returns the number of statements that were not reported, because the connect was not. A
// host that was tried and abandoned has none.
func (m *meter) untold() int {
	if m.told || !m.settled {
		return 0
	}
	return m.Worked() - m.before
}

// readsAlong reads what the server of a connection sends.
type readsAlong struct {
	wire.Reader
	session *session // kept as long as the connection
}

// watch makes r read the connections of a config. The builder of the Frontend sees the plain
// bytes of the protocol, also under TLS. The connection itself is not wrapped, because TLS
// channel binding needs its type.
func (r *Recorder) watch(build func(io.Reader, io.Writer) *pgproto3.Frontend, database string) func(io.Reader, io.Writer) *pgproto3.Frontend {
	if build == nil {
		build = pgproto3.NewFrontend
	}
	return func(reader io.Reader, writer io.Writer) *pgproto3.Frontend {
		other, watched := reader.(*readsAlong)
		if watched && other.session.recorder == r {
			return build(reader, writer) // attached twice
		}
		backends.Tried(database)
		s := &session{recorder: r, meter: &meter{}}
		if watched { // not shared yet
			s.shared, other.session.shared = true, true
		}
		f := build(
			&readsAlong{wire.Reader{Reader: reader, Meter: &s.meter.Meter, Completed: s.completed}, s},
			&wire.Writer{Writer: writer, Meter: &s.meter.Meter, Sends: s.sends, Deallocated: s.deallocated})
		if f != nil {
			r.sessions.add(f, s)
		}
		return f
	}
}

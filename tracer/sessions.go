package tracer

import (
	"io"
	"maps"
	"runtime"
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

// sessions finds the session of a connection, and adds up what the meters of all say.
//
// A connection can carry what others want to keep with it in a map, its CustomData. That
// map is the application's, and goroutines that share the connection may be at it. So a
// session is found by the connection's Frontend, and kept alive by it.
type sessions struct {
	byFrontend atomic.Pointer[map[uintptr]weak.Pointer[session]] // a new map for each change

	mu         sync.Mutex // guards the changes, and what follows
	meters     map[*meter]bool
	retired    int                                  // meters of connections that are no more
	gone       int                                  // statements on them
	goneRest   int                                  // how many of these nobody took
	goneUntold int                                  // and that nobody was told of
	connecting int                                  // connects that were told and have not ended
	unmetered  int                                  // connections of which nobody reads what the server answers, see Recorder.open
	databases  map[backends.Backend]*pgx.ConnConfig // that connections were made to; no PIDs
}

// sessionKey is where a connection that is not watched keeps its session alive.
const sessionKey = "fanout-bench"

// session returns that of conn, or nil if nothing is known of it.
func (r *Recorder) session(conn *pgx.Conn) *session {
	if f := frontendOf(conn); f != nil {
		return r.sessions.of(f)
	}
	return nil
}

func (t *sessions) of(f *pgproto3.Frontend) *session {
	known := t.byFrontend.Load()
	if known == nil {
		return nil
	}
	return (*known)[address(f)].Value()
}

// opened returns the session of a connection that nobody else has seen yet, and whether r
// was told before that it is open.
func (r *Recorder) opened(conn *pgx.Conn) (s *session, again bool) {
	f := frontendOf(conn)
	if f == nil {
		return nil, false
	}
	s = r.session(conn)
	if s != nil && s.conn == conn {
		return s, true
	}
	if s == nil {
		s = &session{recorder: r}
		r.sessions.add(f, s)
		if custom := conn.PgConn().CustomData(); custom != nil {
			custom[sessionKey] = s
		}
	}
	s.conn = conn
	return s, false
}

func frontendOf(conn *pgx.Conn) *pgproto3.Frontend {
	if conn == nil || conn.PgConn() == nil {
		return nil
	}
	return conn.PgConn().Frontend()
}

// address is a key that does not keep f alive. When another Frontend gets the same, the
// session of this one is gone.
func address(f *pgproto3.Frontend) uintptr { return uintptr(unsafe.Pointer(f)) }

// A retirement is what is left to do when a connection is no more.
type retirement struct {
	key   uintptr
	of    weak.Pointer[session]
	meter *meter
}

func (t *sessions) add(f *pgproto3.Frontend, s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := retirement{address(f), weak.Make(s), s.meter}
	t.change(func(known map[uintptr]weak.Pointer[session]) { known[left.key] = left.of })
	if s.meter != nil {
		t.follow(s.meter)
		s.meter.settled = t.connecting == 0 // nobody has told of it
	}
	runtime.AddCleanup(f, t.retire, left)
}

// follow has the sums take in m.
func (t *sessions) follow(m *meter) {
	if t.meters == nil {
		t.meters = make(map[*meter]bool)
	}
	t.meters[m] = true
}

func (t *sessions) retire(left retirement) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change(func(known map[uintptr]weak.Pointer[session]) {
		if known[left.key] == left.of {
			delete(known, left.key)
		}
	})
	if left.meter != nil {
		t.unfollow(left.meter)
	}
}

// unfollow keeps what m has said.
func (t *sessions) unfollow(m *meter) {
	if !t.meters[m] {
		return
	}
	delete(t.meters, m)
	t.retired++
	t.goneRest += m.Rest().Statements()
	t.gone += m.Statements()
	t.goneUntold += m.untold()
}

// maxDatabases bounds what is kept of databases.
const maxDatabases = 16

// reached notes which backend serves a connection that was made with config. Call closed once it
// is no more.
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

// connects notes that a connect begins.
func (t *sessions) connects() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.connecting++
}

// connected notes that a connect has ended, with the connection of s or without one if that
// is nil. What was opened meanwhile and is not told of when no connect is under way never
// will be.
func (t *sessions) connected(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.watched() {
		s.meter.told = true
	}
	if t.connecting = max(t.connecting-1, 0); t.connecting > 0 {
		return
	}
	for m := range t.meters {
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

// sums returns how many statements the servers have completed, how many of them nobody
// took, how many it was told nothing of, and on how many connections.
func (t *sessions) sums() (total, rest, untold, connections int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	total, rest, untold, connections = t.gone, t.goneRest, t.goneUntold, t.retired+len(t.meters)+t.unmetered
	for of := range t.meters {
		rest += of.Rest().Statements()
		total += of.Statements()
		untold += of.untold()
	}
	return total, rest, untold, connections
}

// A meter is that of a connection which is watched.
type meter struct {
	wire.Meter

	// The mutex of sessions guards the following.
	told    bool // that the connection was made
	settled bool // it would have been told by now
	before  int  // what it had worked until then
}

// untold is how much of what it has worked the Recorder is not told of: that of a connection
// of which it was not told that it was made. A host that was tried and left for another is
// none.
func (m *meter) untold() int {
	if m.told || !m.settled {
		return 0
	}
	return m.Worked() - m.before
}

// readsAlong is what the server of a connection sends.
type readsAlong struct {
	wire.Reader
	session *session // is kept for as long as the connection is
}

// watch has the connections of a config read along by r. What builds the Frontend sees
// the plain bytes of the protocol, also under TLS, and leaves the connection as it
// is: wrapped, it would not be known as one that TLS channel binding works on.
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
		if watched { // nobody has it yet
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

package tracer

import (
	"context"
	"slices"
	"weak"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// sessionKey is where a connection carries what is known of it. A pool shows its
// connections to a tracer without a context.
const sessionKey = "fanout-bench"

// A session is what a Recorder knows of one connection. pgx lets nobody use a
// connection at the same time as somebody else, so nothing of it is guarded. The
// methods do nothing for a nil session, which is that of what uses no connection.
type session struct {
	recorder    *Recorder
	conn        *pgx.Conn
	meter       *meter  // nil: nothing is known of the wire
	open        []*call // begun here and not ended, innermost last
	spare       *call
	lease       *Scope // that holds the connection of a pool
	released    bool   // to the pool, whose hooks may still use it
	transaction *Scope // that began the open transaction
	idle        bool   // no transaction was open when the latest call began
	prepared    map[string]string
	pool        weak.Pointer[pgxpool.Pool] // that it is of, if any
	openedIn    weak.Pointer[Scope]
	mode        *pgx.QueryExecMode // see execMode
	cached      map[uint64]bool    // see first
}

// notPooled is the pool of a connection that is of none.
var notPooled weak.Pointer[pgxpool.Pool]

// session returns that of conn; nil if another Recorder is at work on it.
func (r *Recorder) session(conn *pgx.Conn) *session {
	if conn == nil {
		return nil
	}
	custom := conn.PgConn().CustomData()
	s, ok := custom[sessionKey].(*session)
	if !ok {
		s = &session{recorder: r, conn: conn, meter: r.meters.of(conn.PgConn().Frontend())}
		custom[sessionKey] = s
	}
	if s.recorder != r {
		return nil
	}
	return s
}

func (s *session) watched() bool { return s != nil && s.meter != nil }

// resolved returns the SQL that sql is the name of, as pgx shows the use of what the
// application prepared by its name, or sql.
func (s *session) resolved(sql string) string {
	if s != nil {
		if of, ok := s.prepared[sql]; ok {
			return of
		}
	}
	return sql
}

func (s *session) remember(name, sql string) {
	if s == nil || name == sql { // as database/sql has it
		return
	}
	if s.prepared == nil {
		s.prepared = make(map[string]string)
	}
	s.prepared[name] = sql
}

// assign gives what the server has sent since the last time to the innermost call
// that is open. Where there is none, pgx shows it to no tracer.
func (s *session) assign() {
	if !s.watched() {
		return
	}
	t, seen := s.meter.take(), s.meter.takeSigns()
	if t == 0 && seen == 0 {
		return
	}
	books := &s.recorder.books
	if n := len(s.open); n > 0 {
		c := s.open[n-1]
		c.traffic.Add(uint64(t))
		c.outcome.Or(uint32(seen))
		books.inCalls.Add(int64(t.statements()))
		return
	}
	books.hidden.Add(int64(t.statements()))
	if s.lease != nil {
		s.lease.hidden.Add(uint64(t))
	}
}

func (s *session) push(c *call) {
	if s != nil {
		s.open = append(s.open, c)
	}
}

// find returns the call of kind k that ctx carries, or else the innermost one that is
// open here: strays are not carried, and another tracer may have replaced the context.
func (s *session) find(ctx context.Context, k kind) *call {
	if s != nil && len(s.open) > 0 { // nearly always it is the last one
		if c := s.open[len(s.open)-1]; c.kind == k && (c.stray || ctx == context.Context(c)) {
			return c
		}
	}
	carried := callFrom(ctx, k)
	if s == nil || slices.Contains(s.open, carried) {
		return carried
	}
	for _, c := range slices.Backward(s.open) {
		if c.kind == k && (carried == nil || c.stray) {
			return c
		}
	}
	return carried
}

// describing returns the CopyFrom that the prepare c describes the table of, or nil.
func (s *session) describing(c *call) *call {
	outer := c.outer
	if s != nil && len(s.open) > 0 {
		outer = s.open[len(s.open)-1]
	}
	if outer == nil || outer.kind != kindCopy {
		return nil
	}
	return outer
}

// pop removes what find returns, and whatever is still open within it.
func (s *session) pop(ctx context.Context, k kind) *call {
	c := s.find(ctx, k)
	if c == nil || s == nil {
		return c
	}
	last := len(s.open) - 1
	if last >= 0 && s.open[last] != c {
		last = slices.Index(s.open, c)
	}
	if last >= 0 {
		clear(s.open[last:])
		s.open = s.open[:last]
	}
	return c
}

// strayed returns a call that no scope gets. A program that is not measured has many.
func (s *session) strayed(b *start) *call {
	var c *call
	if s == nil || s.spare == nil {
		c = &call{}
	} else {
		c, s.spare = s.spare, nil
	}
	c.stray, c.late = true, b.scope != nil
	c.kind, c.text, c.counter, c.setup, c.watched, c.more = b.kind, b.text, b.counter, b.setup, b.watched, b.more
	return c
}

// recycle takes back a call that has ended.
func (s *session) recycle(c *call) {
	if s == nil || c == nil || !c.stray || c.more != nil {
		return
	}
	c.text, c.counter = "", nil
	c.traffic.Store(0)
	c.outcome.Store(0)
	s.spare = c
}

// precede notes whether a transaction is open before a call.
func (s *session) precede(conn *pgx.Conn) {
	if s == nil {
		return
	}
	if s.idle = conn.PgConn().TxStatus() == 'I'; s.idle {
		s.transaction = nil
	}
}

// follow notes who has begun the transaction that is open after c.
func (s *session) follow(conn *pgx.Conn, c *call) {
	switch {
	case s == nil:
	case conn.PgConn().TxStatus() == 'I':
		s.transaction = nil
	case s.idle && c != nil && c.via == viaContext && !c.setup:
		s.transaction = c.scope
	}
}

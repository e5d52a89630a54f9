package tracer

import (
	"context"

	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// A way is how the Recorder is told of a connection. What cannot be known of it depends on
// that: see Counts.Absent.
type way uint8

const (
	byPgx      way = iota // by the hooks of pgx and pgxpool, and by the wire
	byPgxInSQL            // the same, but the pool is that of database/sql
	byDriver              // by a driver of database/sql, of whose wire nothing is known
	byProxy               // by the wire alone
)

// absent returns what cannot be known of statements that came in these ways.
func absent(came [byProxy + 1]bool) []Metric {
	switch {
	case came[byDriver]:
		return []Metric{RoundTrips, Prepares, Acquires, MaxHeld, ConnTrips}
	case came[byPgxInSQL], came[byProxy]:
		return []Metric{Acquires, MaxHeld, ConnTrips}
	}
	return nil
}

// open returns the session of a connection of another way in than pgx. m is the meter of
// what its server answers, or nil where nobody reads that. closed has to follow.
func (r *Recorder) open(w way, m *meter) *session {
	t := &r.sessions
	t.mu.Lock()
	defer t.mu.Unlock()
	if m != nil {
		m.told = true
		t.follow(m)
	} else {
		t.unmetered++
	}
	return &session{recorder: r, meter: m, way: w}
}

// closed notes that the connection of a session which open has made is no more.
func (s *session) closed() {
	s.lock()
	s.attribute()
	s.forget()
	s.unlock()
	if s.meter != nil {
		t := &s.recorder.sessions
		t.mu.Lock()
		defer t.mu.Unlock()
		t.unfollow(s.meter)
	}
}

// forget ends what a session knows of the use of its connection, as that has ended.
func (s *session) forget() {
	s.transaction = nil
	clear(s.open)
	s.open = s.open[:0]
}

// begin records that a statement of kind k begins on the connection of s. ctx says which
// scope gets it: where the way in knows no context, one that carries the scope. identity is
// asked for only if a scope gets it, with the SQL that text is the name of, or text.
// The returned context is the one to go on with. end has to follow.
func (s *session) begin(ctx context.Context, k kind, text string, identity func(text string) uint64) (*call, context.Context) {
	return s.recorder.statement(ctx, s, k, text, identity)
}

// end records what became of c, which may be used again from then on.
func (s *session) end(c *call, o outcome, flags uint32) {
	s.lock()
	s.attribute()
	s.recorder.answered(s, c, o, flags)
}

// statement is session.begin, and s is nil if nothing is known of the connection.
func (r *Recorder) statement(ctx context.Context, s *session, k kind, text string, identity func(text string) uint64) (*call, context.Context) {
	var b start
	inside := b.locate(ctx, k)
	s.lock()
	defer s.unlock()
	s.beforeCall()
	b.text = s.resolved(text)
	b.adopt(s)
	if b.scope != nil {
		b.identity = s.aside(identity, b.text)
	}
	c := r.begin(s, &b, inside)
	return c, c.carried(ctx)
}

// aside calls f, which asks values of the application, without the lock of s.
func (s *session) aside(f func(text string) uint64, text string) uint64 {
	s.unlock()
	defer s.lock()
	return f(text)
}

// answered records what became of c, unless that is nil, and unlocks s.
func (r *Recorder) answered(s *session, c *call, o outcome, flags uint32) {
	defer s.unlock()
	r.end(s, c, o, flags)
	s.afterCall(c)
	s.recycle(c)
}

// followText notes who has begun the transaction that is open after c, where only its text
// tells.
func (s *session) followText(c *call) {
	switch {
	case c == nil, c.kind != kindQuery, !c.result().completed(), !sqltext.IsTx(c.text):
	case sqltext.EndsTx(c.text):
		s.transaction = nil
	case sqltext.OpensTx(c.text) && c.via == viaContext && !c.setup:
		s.transaction = c.scope
	}
}

package tracer

import (
	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// A way is how calls of a connection reach the Recorder. It decides what is unknown: see
// Counts.Absent.
type way uint8

const (
	byPgx      way = iota // by the hooks of pgx and pgxpool, and by the wire
	byPgxInSQL            // the same, with the pool of database/sql
	byDriver              // by a driver of database/sql, without the wire
	byProxy               // by the wire alone
)

// absent returns what is unknown about statements that came in these ways.
func absent(came [byProxy + 1]bool) []Metric {
	switch {
	case came[byDriver]:
		return []Metric{RoundTrips, Prepares, Acquires, MaxHeld, ConnTrips}
	case came[byPgxInSQL], came[byProxy]:
		return []Metric{Acquires, MaxHeld, ConnTrips}
	}
	return nil
}

// open returns the session of a connection outside of pgx. m is the meter of the server's
// answers, or nil if they are not read. closed must follow.
func (r *Recorder) open(w way, m *meter) *session {
	t := &r.sessions
	t.mu.Lock()
	defer t.mu.Unlock()
	if m != nil {
		m.told = true
		t.meters = append(t.meters, m)
	} else {
		t.gone.of[inConnections]++
	}
	return &session{recorder: r, meter: m, way: w}
}

// closed records that the connection of a session made by open is closed.
func (s *session) closed() {
	s.lock()
	s.attribute()
	s.forget()
	s.unlock()
	t := &s.recorder.sessions
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unfollow(s.meter)
}

// forget drops the state of a connection's use, which has ended.
func (s *session) forget() {
	s.transaction = nil
	clear(s.open)
	s.open = s.open[:0]
}

// answered records the outcome of c, unless c is nil, and unlocks s. c may be reused from then on.
func (r *Recorder) answered(s *session, c *call, o outcome, flags uint32) {
	defer s.unlock()
	r.end(s, c, o, flags)
	s.afterCall(c)
	s.recycle(c)
}

// followText records which scope began the transaction that is open after c, by the text alone.
func (s *session) followText(c *call) {
	switch {
	case c == nil, c.kind != kindQuery, !c.result().completed(), !sqltext.IsTx(c.text):
	case sqltext.EndsTx(c.text):
		s.transaction = nil
	case sqltext.OpensTx(c.text) && !c.leaked && !c.setup:
		s.transaction = c.scope
	}
}

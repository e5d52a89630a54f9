// Package wire reads along what a server and a client say on a connection, by the messages of
// PostgreSQL's protocol.
package wire

import "sync/atomic"

// Traffic is what a server said, counted: in the lower half the statements it
// completed, in the upper one how often it became ready for the next request.
// Differences and sums are right whatever the halves carry.
type Traffic uint64

const (
	statement Traffic = 1
	roundTrip Traffic = 1 << 32
)

// Statements is how many were completed.
func (t Traffic) Statements() int { return int(uint32(t)) }

// RoundTrips is how often the server became ready, but after it only closed statements.
func (t Traffic) RoundTrips() int { return int(t >> 32) }

// Signs are what a server said that does not count: each a bit, and above those of an
// outcome, as they are kept together.
type Signs uint32

const (
	Failed  Signs = 1 << (iota + 20) // something failed: see SignsOf
	Refused                          // it refused something
	Fatal                            // it ended the connection
	Begun                            // it began to work on something
)

// A Meter counts what the server says on one connection.
type Meter struct {
	total    atomic.Uint64 // a Traffic
	assigned atomic.Uint64 // how much of it has been taken
	empty    atomic.Uint32 // how many of its statements were pings
	signs    atomic.Uint32 // that nobody has taken
	status   atomic.Uint32 // of the session, in the last ReadyForQuery
	asked    atomic.Uint32 // the type of the first message of the request that is answered; 0: unknown
}

// Statements is how many the server has completed.
func (m *Meter) Statements() int { return Traffic(m.total.Load()).Statements() }

// Worked is how many of them were no pings. When a pool pings is up to the clock, and no
// tracer is told of it in any case.
func (m *Meter) Worked() int { return m.Statements() - int(m.empty.Load()) }

// Idle reports whether no transaction is open.
func (m *Meter) Idle() bool { return m.status.Load() == 'I' }

// Take returns what has come since the last time.
func (m *Meter) Take() Traffic {
	total := m.total.Load()
	t := Traffic(total - m.assigned.Load())
	if t != 0 {
		m.assigned.Store(total)
	}
	return t
}

// TakeSigns returns the signs since the last time.
func (m *Meter) TakeSigns() Signs {
	if m.signs.Load() == 0 {
		return 0
	}
	return Signs(m.signs.Swap(0))
}

// Rest is what nobody has taken.
func (m *Meter) Rest() Traffic {
	assigned := m.assigned.Load() // first, as the total only grows
	return Traffic(m.total.Load() - assigned)
}

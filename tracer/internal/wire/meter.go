// Package wire reads the messages of PostgreSQL's protocol between a server and a client.
package wire

import "sync/atomic"

// Traffic counts what a server sent: completed statements in the lower half, readiness for the
// next request in the upper half. Differences and sums are correct despite carries.
type Traffic uint64

const (
	statement Traffic = 1
	roundTrip Traffic = 1 << 32
)

// Statements returns the number of completed statements.
func (t Traffic) Statements() int { return int(uint32(t)) }

// RoundTrips returns how often the server became ready, except after it only closed statements.
func (t Traffic) RoundTrips() int { return int(t >> 32) }

// Signs are what a server sent that is not counted, one bit each, above the bits of an outcome,
// because they are stored together.
type Signs uint32

const (
	Failed  Signs = 1 << (iota + 20) // something failed: see SignsOf
	Refused                          // it refused something
	Fatal                            // it ended the connection
	Begun                            // it began to work on something
)

// A Meter counts what the server sends on one connection.
type Meter struct {
	total    atomic.Uint64 // a Traffic
	assigned atomic.Uint64 // the taken part
	empty    atomic.Uint32 // statements that were pings
	signs    atomic.Uint32 // not taken yet
	status   atomic.Uint32 // of the session, in the last ReadyForQuery
	asked    atomic.Uint32 // the type of the first message of the answered request; 0: unknown
}

// Statements returns how many statements the server completed.
func (m *Meter) Statements() int { return Traffic(m.total.Load()).Statements() }

// Worked returns how many of them were not pings. Pings depend on the clock, and tracers do not
// see them.
func (m *Meter) Worked() int { return m.Statements() - int(m.empty.Load()) }

// Idle reports whether no transaction is open.
func (m *Meter) Idle() bool { return m.status.Load() == 'I' }

// Take returns the traffic since the last call.
func (m *Meter) Take() Traffic {
	total := m.total.Load()
	return Traffic(total - m.assigned.Swap(total))
}

// TakeSigns returns the signs since the last call.
func (m *Meter) TakeSigns() Signs { return Signs(m.signs.Swap(0)) }

// Rest returns the traffic that was not taken.
func (m *Meter) Rest() Traffic {
	assigned := m.assigned.Load() // first, because the total only grows
	return Traffic(m.total.Load() - assigned)
}

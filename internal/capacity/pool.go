// Package capacity says how many requests a second a pool of connections has room for, by
// what one of them costs. It is arithmetic on counts: nothing is timed.
//
// A request holds connections for its ConnTrips, each of which takes a round trip. A pool is
// full when requests arrive that hold its connections for more time than it has:
//
//	requests/s = pool × replicas ÷ (conn_trips × (round trip + statement time))
//
// That is the most there is room for. A service carries less where it keeps a connection
// while it does something else, or has too little CPU; a queue before the pool makes requests
// wait, and adds no room.
package capacity

import (
	"fmt"
	"math"
	"time"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Pool is what requests take connections from, and how long a round trip on one takes.
type Pool struct {
	Connections int           // of each replica
	Replicas    int           // of the service
	RoundTrip   time.Duration // of the network
	Statement   time.Duration // for which the server works on what it is sent in one
}

// Default is what reports assume that nobody has told of a pool.
func Default() Pool { return Pool{Connections: 10, Replicas: 1, RoundTrip: 2 * time.Millisecond} }

// Validate returns an error that says which field cannot be as it is, or nil.
func (p Pool) Validate() error {
	const most = 100_000
	switch {
	case p.Connections < 1 || p.Connections > most:
		return fmt.Errorf("a pool of %d: it has from 1 to %d connections", p.Connections, most)
	case p.Replicas < 1 || p.Replicas > most:
		return fmt.Errorf("%d replicas: there are from 1 to %d", p.Replicas, most)
	case p.RoundTrip <= 0 || p.RoundTrip > time.Minute:
		return fmt.Errorf("a round trip of %v: it takes more than 0 and at most %v", p.RoundTrip, time.Minute)
	case p.Statement < 0 || p.Statement > time.Minute:
		return fmt.Errorf("a statement time of %v: it is from 0 to %v", p.Statement, time.Minute)
	}
	return nil
}

// PerSecond is how many requests of so many trips there is room for in a second.
func (p Pool) PerSecond(trips int) float64 {
	return float64(p.Connections) * float64(p.Replicas) / (float64(trips) * (p.RoundTrip + p.Statement).Seconds())
}

// Deadlock is how many requests at once, of one replica, can block each other for ever if
// each holds so many connections at the same time: all but one of them each, and the pool is
// empty. It is 0 where none can, as with one connection for each.
func (p Pool) Deadlock(maxHeld int) int {
	if maxHeld < 2 {
		return 0
	}
	return (p.Connections + maxHeld - 2) / (maxHeld - 1)
}

func (p Pool) String() string {
	text := fmt.Sprintf("a pool of %d, %s round trips", p.Connections, spaced(p.RoundTrip))
	if p.Replicas > 1 {
		text += fmt.Sprintf(", %d replicas", p.Replicas)
	}
	return text
}

// spaced is "2 ms".
func spaced(d time.Duration) string {
	return fmt.Sprintf("%g ms", float64(d)/float64(time.Millisecond))
}

// Rate writes how many there is room for, without a promise of more: "620", "3.1", "below 0.1".
func Rate(perSecond float64) string {
	if perSecond >= 10 {
		return fmt.Sprintf("%.0f", math.Trunc(perSecond)) // may be too much for an int
	}
	if perSecond > 0 && perSecond < 0.1 {
		return "below 0.1"
	}
	return fmt.Sprintf("%.1f", float64(int(perSecond*10))/10)
}

// Unknown says why the counts of a request do not tell how long it holds connections. It is
// empty where they do, or where it holds none.
func Unknown(c tracer.Counts) string {
	switch {
	case !c.Has(tracer.ConnTrips):
		return "the pool is not one of pgxpool, or nothing is known of the wire"
	case c.RoundTrips == 0 && c.Acquires == 0, c.ConnTrips >= c.RoundTrips && c.ConnTrips > 0:
		return ""
	case c.Acquires == 0:
		return "no connection comes from a pool that is counted"
	case c.ConnTrips == 0:
		return "not counted, as with Concurrent, or in an older file"
	default:
		return "some round trips are on connections from elsewhere"
	}
}

// Grows is how many there is room for as N grows, where the trips of a request have a law:
// "5000 ÷ (2 + N)".
func (p Pool) Grows(law report.Law) string {
	switch law.Shape {
	case report.Linear, report.Quadratic:
		return fmt.Sprintf("%s ÷ (%s)", Rate(p.PerSecond(1)), law)
	case report.Constant, report.Plateau:
		text := Rate(p.PerSecond(law.Fixed))
		if law.Shape == report.Plateau {
			text += fmt.Sprintf(" from N=%d on", law.From)
		}
		return text
	}
	return ""
}

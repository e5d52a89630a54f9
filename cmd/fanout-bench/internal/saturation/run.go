package saturation

import (
	"net/http"
	"slices"
	"time"
)

// A Run is what one version did under a Load.
type Run struct {
	Version string
	Load    Load

	// Cost is what each request cost at rest, and what each cost under load that was
	// answered in the same way. It is exact.
	Cost Cost
	// Status is how each request is answered at rest.
	Status int
	// Held is for how long one request held connections at rest, in total.
	Held time.Duration

	Sent     int         // requests
	Statuses map[int]int // how they were answered; 0: the connection ended before
	Latency  Quantiles   // of all answers
	Failures map[Cause]int

	Pool   PoolUse
	Victim Victim

	// HeldUnderLoad is Held, on average, of the requests under load that were answered
	// as at rest. Zero if none was.
	HeldUnderLoad time.Duration
	// Measured is the highest number of requests a second that the service answered,
	// with more clients than connections, each of which sends as soon as it is answered.
	// Zero if that was not measured.
	Measured float64

	// Unseen is how many of Sent did not reach the service.
	Unseen int
	// Late is by how much the load generator missed the time at which a request was
	// due, at worst.
	Late time.Duration
	// Timeline has the intervals of the load, each of which takes [Load.IntervalLength],
	// and one more for what came after it.
	Timeline []Interval
	// Interrupted says that the load ended before its time.
	Interrupted bool
}

// A Cost is what a request takes from the database and the authorization layer.
type Cost struct {
	SQL, RBAC, Acquires, MaxHeld int
}

// A Cause is why a request was answered with an error of the server.
type Cause string

const (
	// AcquireTimedOut: the deadline passed while the request waited for a connection.
	AcquireTimedOut Cause = "acquire timed out"
	// QueryCanceled: the deadline passed while a statement ran. The driver then closes
	// the connection.
	QueryCanceled Cause = "query canceled"
	// OtherCause is any other.
	OtherCause Cause = "other"
)

// Causes returns all causes, in the order to show them in.
func Causes() []Cause { return []Cause{AcquireTimedOut, QueryCanceled, OtherCause} }

// PoolUse is what the pool went through during the load, with what the victim took.
type PoolUse struct {
	Acquires int // that got a connection
	Empty    int // of these, how many had to wait for one
	Canceled int // given up before there was one
	// Wait is how long acquires took, with those given up.
	Wait Quantiles
	// Destroyed is how many connections were closed because a statement was canceled.
	Destroyed int
	// Opened is how many connections were opened during the load.
	Opened int
}

// A Victim is what became of an unrelated cheap request that needs one connection for one
// statement, sent beside the load: saturation is not confined to the path that causes it.
type Victim struct {
	Sent, OK int
	Latency  Quantiles
}

// Quantiles are exact: the least of the values that so many of all are not above. All
// are zero if there was nothing.
type Quantiles struct {
	P50, P95, P99, Max time.Duration
}

// QuantilesOf sorts values, in place, and returns their quantiles.
func QuantilesOf(values []time.Duration) Quantiles {
	if len(values) == 0 {
		return Quantiles{}
	}
	slices.Sort(values)
	at := func(percent int) time.Duration {
		return values[(percent*len(values)+99)/100-1]
	}
	return Quantiles{P50: at(50), P95: at(95), P99: at(99), Max: at(100)}
}

// Failed is how many were not answered in time.
func (v Victim) Failed() int { return v.Sent - v.OK }

// OK is how many requests were answered with 200.
func (r Run) OK() int { return r.Statuses[http.StatusOK] }

// Failed is how many were answered otherwise, or not at all.
func (r Run) Failed() int { return r.Sent - r.OK() }

// Capacity is how many requests a second the pool can carry, by what one of them needs
// at rest: pool ÷ connection time. It is 0 if a request needs no connection, and so
// has no limit there.
func (r Run) Capacity() float64 {
	if r.Held <= 0 {
		return 0
	}
	return float64(r.Load.Pool) / r.Held.Seconds()
}

// HeldPerStatement is for how long one statement holds a connection at rest, on average.
// It is 0 if a request executes none.
func (r Run) HeldPerStatement() time.Duration {
	if r.Cost.SQL == 0 {
		return 0
	}
	return r.Held / time.Duration(r.Cost.SQL)
}

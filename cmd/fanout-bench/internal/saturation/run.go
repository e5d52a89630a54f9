package saturation

import (
	"slices"
	"time"
)

// A Run is what one version did under a Load. A file has the fields in their order.
type Run struct {
	Version string `json:"version"`
	Load    Load   `json:"-"`

	Sent     int           `json:"sent"`     // requests
	OK       int           `json:"ok"`       // answered with 200
	Failed   int           `json:"failed"`   // answered otherwise, or not at all
	Statuses map[int]int   `json:"statuses"` // how they were answered; 0: the connection ended before
	Failures map[Cause]int `json:"failures"`
	Latency  Quantiles     `json:"latency_ms"` // of all answers

	// Cost is what each request cost at rest, and what each cost under load that was
	// answered in the same way. It is exact.
	Cost
	// Status is how each request is answered at rest.
	Status int `json:"status"`
	// Held is for how long one request held connections at rest, in total.
	Held Milliseconds `json:"held_ms"`
	// HeldUnderLoad is Held, on average, of the requests under load that were answered
	// as at rest. Zero if none was.
	HeldUnderLoad Milliseconds `json:"held_under_load_ms"`
	// Predicted is [Run.Capacity]; Judge sets it.
	Predicted float64 `json:"predicted_capacity"`
	// Measured is the highest number of requests a second that the service answered,
	// with more clients than connections, each of which sends as soon as it is answered.
	// Zero if that was not measured.
	Measured float64 `json:"measured_capacity"`

	Pool   PoolUse `json:"pool"`
	Victim Victim  `json:"victim"`

	// Unseen is how many of Sent did not reach the service.
	Unseen int `json:"-"`
	// Late is by how much the load generator missed the time at which a request was
	// due, at worst.
	Late Milliseconds `json:"late_ms"`
	// Timeline has the intervals of the load, each of which takes [Load.IntervalLength],
	// and one more for what came after it.
	Timeline []Interval `json:"timeline"`
	// Verdict, and why where there is something to explain; Judge sets them.
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason,omitempty"`
	// Interrupted says that the load ended before its time.
	Interrupted bool `json:"interrupted"`
}

// A Cost is what a request takes from the database and the authorization layer.
type Cost struct {
	SQL      int `json:"sql"`
	RBAC     int `json:"rbac"`
	Acquires int `json:"acquires"`
	MaxHeld  int `json:"max_held"`
}

// A Cause is why a request was answered with an error of the server.
type Cause string

const (
	// AcquireTimedOut: the deadline passed while the request waited for a connection.
	AcquireTimedOut Cause = "acquire_timed_out"
	// QueryCanceled: the deadline passed while a statement ran. The driver then closes
	// the connection.
	QueryCanceled Cause = "query_canceled"
	// OtherCause is any other.
	OtherCause Cause = "other"
)

// Causes returns all causes, in the order to show them in.
func Causes() []Cause { return []Cause{AcquireTimedOut, QueryCanceled, OtherCause} }

// A Verdict says whether a version did what its counts foretell.
type Verdict string

const (
	// Holds: there is room, and no request failed.
	Holds Verdict = "holds"
	// Collapses: more arrives than the pool can carry, and requests failed.
	Collapses Verdict = "collapses"
	// Contradicted: the outcome is not the one that is certain by arithmetic.
	Contradicted Verdict = "contradicted"
	// NoVerdict: the outcome was not certain beforehand, for a reason that goes with it.
	NoVerdict Verdict = "no verdict"
	// Invalid: this machine could not do its part, so the outcome says nothing
	// about the version.
	Invalid Verdict = "invalid"
)

// PoolUse is what the pool went through during the load, with what the victim took.
type PoolUse struct {
	Acquires int `json:"acquires"` // that got a connection
	Empty    int `json:"empty"`    // of these, how many had to wait for one
	Canceled int `json:"canceled"` // given up before there was one
	// Wait is how long acquires took, with those given up.
	Wait Quantiles `json:"wait_ms"`
	// Destroyed is how many connections were closed because a statement was canceled.
	Destroyed int `json:"destroyed"`
	// Opened is how many connections were opened during the load.
	Opened int `json:"opened"`
}

// A Victim is what became of an unrelated cheap request that needs one connection for one
// statement, sent beside the load: saturation is not confined to the path that causes it.
type Victim struct {
	Sent    int       `json:"sent"`
	OK      int       `json:"ok"`
	Latency Quantiles `json:"latency_ms"`
}

// Quantiles are exact: the least of the values that so many of all are not above. All
// are zero if there was nothing.
type Quantiles struct {
	P50 Milliseconds `json:"p50"`
	P95 Milliseconds `json:"p95"`
	P99 Milliseconds `json:"p99"`
	Max Milliseconds `json:"max"`
}

// QuantilesOf sorts values, in place, and returns their quantiles.
func QuantilesOf(values []time.Duration) Quantiles {
	if len(values) == 0 {
		return Quantiles{}
	}
	slices.Sort(values)
	at := func(percent int) Milliseconds {
		return InMilliseconds(values[(percent*len(values)+99)/100-1])
	}
	return Quantiles{P50: at(50), P95: at(95), P99: at(99), Max: at(100)}
}

// Failed is how many were not answered in time.
func (v Victim) Failed() int { return v.Sent - v.OK }

// Capacity is how many requests a second the pool can carry, by what one of them needs
// at rest: pool ÷ connection time. It is 0 if a request needs no connection, and so
// has no limit there.
func (r Run) Capacity() float64 {
	if r.Held <= 0 {
		return 0
	}
	return thousandths(1000 * float64(r.Load.Pool) / float64(r.Held))
}

// HeldPerStatement is for how long one statement holds a connection at rest, on average.
// It is 0 if a request executes none.
func (r Run) HeldPerStatement() Milliseconds {
	if r.SQL == 0 {
		return 0
	}
	return r.Held / Milliseconds(r.SQL)
}

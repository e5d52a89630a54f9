package saturation

import (
	"fmt"
	"slices"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/machine"
	"github.com/fanout-bench/fanout-bench/internal/underload"
)

// A Run is what one version did under a Load. A file has the fields in their order.
type Run struct {
	Version string `json:"version"`
	Load    Load   `json:"-"`

	Sent     int                     `json:"sent"`     // requests
	OK       int                     `json:"ok"`       // answered with 200
	Failed   int                     `json:"failed"`   // answered otherwise, or not at all
	Statuses map[int]int             `json:"statuses"` // how they were answered; 0: the connection ended before
	Failures map[underload.Cause]int `json:"failures"`
	Latency  Quantiles               `json:"latency_ms"` // of all answers

	// Cost is what each request cost at rest, and what each cost under load that was
	// answered in the same way. It is exact.
	Cost
	// Status is how each request is answered at rest.
	Status int `json:"status"`
	// Held is for how long one request held connections at rest, in total.
	Held Milliseconds `json:"held_ms"`
	// HeldBusy is Held, on average, with as many clients as connections, each of which sends
	// as soon as it is answered: what a connection is held for when all of them are.
	HeldBusy Milliseconds `json:"held_busy_ms"`
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
	// Late is by how much the load generator missed the time at which a request was due, but
	// for one in a hundred.
	Late Milliseconds `json:"late_ms"`
	// Machine is what else it had to do before and after the load.
	Machine []machine.Check `json:"machine"`
	// Timeline has the intervals of the load, each of which takes [Load.IntervalLength],
	// and one more for what came after it.
	Timeline []Interval `json:"timeline"`
	// Verdict, whether it was foretold, and why where there is something to explain; Judge
	// sets them.
	Verdict  Verdict  `json:"verdict"`
	Foretold Foretold `json:"foretold,omitempty"`
	Reason   string   `json:"reason,omitempty"`
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

// A Verdict says what happened, by the share of the requests that failed.
type Verdict string

const (
	// Holds: at most 1 % of the requests failed.
	Holds Verdict = "holds"
	// Degraded: more than that, and less than half.
	Degraded Verdict = "degraded"
	// Collapses: at least half of them failed.
	Collapses Verdict = "collapses"
	// NoVerdict: the load did not take place as it was meant to, for a reason that goes with
	// it.
	NoVerdict Verdict = "no verdict"
	// Invalid: this machine could not do its part, so the outcome says nothing
	// about the version.
	Invalid Verdict = "invalid"
)

// A Foretold says whether arithmetic told before what happened.
type Foretold string

const (
	Yes Foretold = "yes"
	No  Foretold = "no"
	// Near: the capacity is too near to the rate to say.
	Near Foretold = "too near"
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
// while all connections are in use: pool ÷ connection time. It is 0 if a request needs no
// connection, and so has no limit there.
func (r Run) Capacity() float64 {
	held := max(r.Held, r.HeldBusy)
	if held <= 0 {
		return 0
	}
	return thousandths(1000 * float64(r.Load.Pool) / float64(held))
}

// Expected is the range in requests per second in which Measured is expected by Predicted. In five runs of eight
// versions on a quiet machine with two cores, it contained 39 of 40 measured values, which
// were between 0.892 and 1.006 of what was predicted: the moments between two uses of a
// connection are not in Predicted, and count most where it is used for a short time.
func (r Run) Expected() string {
	if r.Predicted <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f–%.0f", 0.9*r.Predicted, 1.01*r.Predicted)
}

// Room is how many times the rate the pool carried at its limit. It is 0 if that was not
// measured.
func (r Run) Room() float64 { return r.Measured / float64(r.Load.Rate) }

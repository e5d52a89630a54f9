package saturation

import (
	"fmt"
	"net/http"
	"time"
)

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

// room is how far the capacity has to be above the rate for it to be certain that no
// request fails: connection times vary, and requests do not come evenly.
const room = 1.5

// Verdict returns the verdict and, where there is something to explain, why.
//
// Too much load makes requests fail for certain once work has piled up for longer than
// the deadline: after t seconds of rate r at capacity c, what arrives has to wait for
// t·(r/c − 1) seconds of work. Too little load fails none if the capacity is one and a
// half times the rate. In between nothing is certain.
//
// Under load, connections are not held for a shorter time than at rest, unless the
// machine was busy with something else; c is the most that the pool can carry.
func (r Run) Verdict() (Verdict, string) {
	rate := float64(r.Load.Rate)
	switch {
	case r.Interrupted:
		return NoVerdict, "interrupted"
	case r.Sent < r.Load.clients():
		return Invalid, fmt.Sprintf("the load generator sent only %d of %d requests in time", r.Sent, r.Load.clients())
	case r.Late > r.Load.Deadline/2:
		return Invalid, fmt.Sprintf("the load generator was up to %v late", r.Late.Round(time.Millisecond))
	case r.Unseen > 0:
		return Invalid, fmt.Sprintf("%d requests did not reach the service", r.Unseen)
	case r.Status != http.StatusOK:
		return NoVerdict, fmt.Sprintf("answers %d even at rest", r.Status)
	case r.Held == 0:
		return NoVerdict, "a request needs no connection"
	case room*r.Held.Seconds() > r.Load.Deadline.Seconds():
		return NoVerdict, fmt.Sprintf("a request alone takes connections for %v, which is near to the deadline or above it", r.Held.Round(time.Millisecond))
	case r.overflows(r.Held):
		return r.mustFail()
	case r.Capacity() < room*rate:
		return NoVerdict, fmt.Sprintf("the capacity is too near to the rate: below %v times it, and not so far that requests must fail", room)
	case r.Cost.MaxHeld > 1:
		return NoVerdict, fmt.Sprintf("a request holds %d connections at once, which can block a full pool", r.Cost.MaxHeld)
	default:
		return r.mustNotFail()
	}
}

func (r Run) mustFail() (Verdict, string) {
	switch {
	case r.Failed() > 0:
		return Collapses, ""
	case !r.overflows(r.HeldUnderLoad):
		return Invalid, fmt.Sprintf("connections were held shorter under load than at rest, for %v a request: this machine was busy before",
			shown(r.HeldUnderLoad))
	default:
		return Contradicted, "no request failed, although more arrived than the pool can carry"
	}
}

func (r Run) mustNotFail() (Verdict, string) {
	switch {
	case r.Failed() == 0:
		return Holds, ""
	case float64(r.Load.Pool) < room*float64(r.Load.Rate)*r.HeldUnderLoad.Seconds():
		return Invalid, fmt.Sprintf("connections were held longer under load than at rest, for %v a request: this machine is too busy",
			shown(r.HeldUnderLoad))
	default:
		return Contradicted, "requests failed, although the pool has room for all that arrived"
	}
}

// overflows reports whether the last that arrives must miss its deadline if each request
// holds connections for so long.
func (r Run) overflows(held time.Duration) bool {
	excess := float64(r.Load.Rate)*held.Seconds()/float64(r.Load.Pool) - 1
	waiting := time.Duration(excess * float64(r.Load.Duration))
	return waiting+held >= r.Load.Deadline
}

func shown(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }

package saturation

import (
	"fmt"
	"net/http"
	"time"
)

// room is how far the capacity has to be above the rate for it to be certain that no
// request fails: connection times vary, and requests do not come evenly.
const room = 1.5

// Judge sets what follows from what was measured: Predicted, Verdict and Reason.
//
// Too much load makes requests fail for certain once work has piled up for longer than
// the deadline: after t seconds of rate r at capacity c, what arrives has to wait for
// t·(r/c − 1) seconds of work. Too little load fails none if the capacity is one and a
// half times the rate. In between nothing is certain.
//
// Under load, connections are not held for a shorter time than at rest, unless the
// machine was busy with something else; c is the most that the pool can carry.
func (r *Run) Judge() {
	r.Predicted = r.Capacity()
	r.Verdict, r.Reason = r.verdict()
}

func (r *Run) verdict() (Verdict, string) {
	switch {
	case r.Interrupted:
		return NoVerdict, "interrupted"
	case r.Sent < r.Load.clients():
		return Invalid, fmt.Sprintf("the load generator sent only %d of %d requests in time", r.Sent, r.Load.clients())
	case r.Late > r.Load.Deadline/2:
		return Invalid, fmt.Sprintf("the load generator was up to %v late", r.Late.Duration().Round(time.Millisecond))
	case r.Unseen > 0:
		return Invalid, fmt.Sprintf("%d requests did not reach the service", r.Unseen)
	case r.Status != http.StatusOK:
		return NoVerdict, fmt.Sprintf("answers %d even at rest", r.Status)
	case r.Held == 0:
		return NoVerdict, "a request needs no connection"
	case room*r.Held > r.Load.Deadline:
		return NoVerdict, fmt.Sprintf("a request alone takes connections for %v, which is near to the deadline or above it", r.Held.Duration().Round(time.Millisecond))
	case r.overflows(r.Held) && r.Failed > 0:
		return Collapses, ""
	case r.overflows(r.Held) && !r.overflows(r.HeldUnderLoad):
		return Invalid, fmt.Sprintf("connections were held shorter under load than at rest, for %v a request: this machine was busy before",
			shown(r.HeldUnderLoad))
	case r.overflows(r.Held):
		return Contradicted, "no request failed, although more arrived than the pool can carry"
	case r.crowded(r.Held):
		return NoVerdict, fmt.Sprintf("the capacity is too near to the rate: below %v times it, and not so far that requests must fail", room)
	case r.MaxHeld > 1:
		return NoVerdict, fmt.Sprintf("a request holds %d connections at once, which can block a full pool", r.MaxHeld)
	case r.Failed == 0:
		return Holds, ""
	case r.crowded(r.HeldUnderLoad):
		return Invalid, fmt.Sprintf("connections were held longer under load than at rest, for %v a request: this machine is too busy",
			shown(r.HeldUnderLoad))
	default:
		return Contradicted, "requests failed, although the pool has room for all that arrived"
	}
}

// busy is how many connections are in use on average if each request holds them for held.
func (r *Run) busy(held Milliseconds) float64 { return float64(r.Load.Rate) * float64(held) / 1000 }

// crowded reports whether there is less room than it takes for no request to fail.
func (r *Run) crowded(held Milliseconds) bool { return float64(r.Load.Pool) < room*r.busy(held) }

// overflows reports whether the last that arrives must miss its deadline if each request
// holds connections for held.
func (r *Run) overflows(held Milliseconds) bool {
	waiting := Milliseconds(r.busy(held)/float64(r.Load.Pool)-1) * r.Load.Duration
	return waiting+held >= r.Load.Deadline
}

func shown(m Milliseconds) time.Duration { return m.Duration().Round(100 * time.Microsecond) }

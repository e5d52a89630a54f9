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
	// None: the outcome was not certain beforehand, for a reason that goes with it.
	None Verdict = "no verdict"
	// Invalid: this machine could not do its part, so the outcome says nothing
	// about the version.
	Invalid Verdict = "invalid"
)

// room is how far the capacity has to be above the rate for it to be certain that no
// request fails: connection times vary, and requests do not come evenly.
const room = 1.5

// Verdict returns the verdict and, where there is something to explain, why.
//
// Too much load makes requests fail for certain once the backlog is longer than the
// deadline: after t seconds of rate r at capacity c, t·(r/c − 1) seconds of work wait.
// Twice the deadline is asked for, as c is measured. Too little load fails none if the
// capacity is one and a half times the rate. In between nothing is certain.
func (r Run) Verdict() (Verdict, string) {
	capacity, rate := r.Capacity(), float64(r.Load.Rate)
	switch {
	case r.Interrupted:
		return None, "interrupted"
	case r.Clients < r.Load.Clients():
		return Invalid, fmt.Sprintf("the load generator sent only %d of %d requests in time", r.Clients, r.Load.Clients())
	case r.Late > r.Load.Deadline/2:
		return Invalid, fmt.Sprintf("the load generator was up to %v late", r.Late.Round(time.Millisecond))
	case r.Status != http.StatusOK:
		return None, fmt.Sprintf("answers %d even at rest", r.Status)
	case capacity == 0:
		return None, "a request needs no connection"
	case r.backlog() >= 2*r.Load.Deadline:
		if r.Failed() == 0 {
			return Contradicted, "no request failed, although more arrived than the pool can carry"
		}
		return Collapses, ""
	case capacity < room*rate:
		return None, fmt.Sprintf("the capacity is too near to the rate: below %v times it, and not so far that requests must fail", room)
	case r.Cost.MaxHeld > 1:
		return None, fmt.Sprintf("a request holds %d connections at once, which can block a full pool", r.Cost.MaxHeld)
	case r.Failed() == 0:
		return Holds, ""
	case float64(r.Load.Pool) < room*rate*r.HeldUnderLoad.Seconds():
		return Invalid, fmt.Sprintf("connections were held longer under load than at rest, for %v a request: this machine is too busy",
			r.HeldUnderLoad.Round(100*time.Microsecond))
	default:
		return Contradicted, "requests failed, although the pool has room for all that arrived"
	}
}

// backlog is how much work waits when the last client has arrived.
func (r Run) backlog() time.Duration {
	excess := float64(r.Load.Rate)/r.Capacity() - 1
	return time.Duration(excess * float64(r.Load.Duration))
}

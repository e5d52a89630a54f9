package saturation

import (
	"fmt"
	"net/http"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/machine"
)

const (
	// MostHolds and LeastCollapses are the shares of requests, in percent, that may fail while
	// a version holds, and that have to fail for it to collapse.
	MostHolds      = 1
	LeastCollapses = 50

	// room is how far the capacity has to be above the rate for it to be certain that no
	// request fails: connection times vary, and requests do not come evenly.
	room = 1.5
)

// Judge sets what follows from what was measured: Predicted, Verdict, Foretold and Reason.
//
// The verdict is what happened. Requests fail for certain if more arrive than the pool has
// time for until the deadline of the last. None fails if the capacity is one and a half times
// the rate. In between nothing is certain.
//
// Under load, connections are not held for a shorter time than at rest, unless the
// machine was busy with something else; by that time, c is the most that the pool can carry.
func (r *Run) Judge() {
	r.Predicted = r.Capacity()
	r.Foretold = ""
	if r.Verdict, r.Reason = r.prevented(); r.Verdict != "" {
		return
	}
	r.Verdict = r.happened()
	r.Foretold, r.Reason = r.foretold()
	if r.Foretold == No {
		if busy := r.contradiction(); busy != "" {
			r.Verdict, r.Foretold, r.Reason = Invalid, "", busy
		}
	}
}

func (r *Run) happened() Verdict {
	switch failed := 100 * r.Failed; {
	case failed <= MostHolds*r.Sent:
		return Holds
	case failed < LeastCollapses*r.Sent:
		return Degraded
	default:
		return Collapses
	}
}

// prevented returns why what happened says nothing, if there is a reason.
func (r *Run) prevented() (Verdict, string) {
	switch late := r.Late.Duration(); {
	case r.Interrupted:
		return NoVerdict, "interrupted"
	case r.Sent < r.Load.clients():
		return Invalid, fmt.Sprintf("the load generator sent only %d of %d requests in time", r.Sent, r.Load.clients())
	case late > machine.MostLate:
		return Invalid, fmt.Sprintf("this machine is too busy: one in a hundred requests was sent %v late", late.Round(time.Millisecond))
	case r.Unseen > 0:
		return Invalid, fmt.Sprintf("%d requests did not reach the service", r.Unseen)
	}
	for i, check := range r.Machine {
		if busy := check.Busy(r.Load.Latency.Duration()); busy != "" {
			return Invalid, fmt.Sprintf("this machine is too busy: %s, %s the load", busy, []string{"before", "after"}[min(i, 1)])
		}
	}
	if r.Status != http.StatusOK {
		return NoVerdict, fmt.Sprintf("answers %d even at rest", r.Status)
	}
	return "", ""
}

// foretold returns whether what happened was certain before, and why not.
func (r *Run) foretold() (Foretold, string) {
	failed := r.Verdict != Holds
	told := map[bool]Foretold{true: Yes, false: No}
	switch {
	case r.Held == 0:
		return "", "a request needs no connection"
	case room*r.Held > r.Load.Deadline:
		return Near, fmt.Sprintf("a request alone takes connections for %v, which is near to the deadline or above it", r.Held.Duration().Round(time.Millisecond))
	case r.overflows(r.Held):
		return told[failed], ""
	case r.crowded(max(r.Held, r.HeldBusy)):
		return Near, ""
	case r.MaxHeld > 1:
		return Near, fmt.Sprintf("a request holds %d connections at once, which can block a full pool", r.MaxHeld)
	default:
		return told[!failed], ""
	}
}

// contradiction returns what the machine has to do with it that what happened is not what was
// certain.
func (r *Run) contradiction() string {
	held := r.HeldUnderLoad.Duration().Round(100 * time.Microsecond)
	switch {
	case r.Verdict == Holds && !r.overflows(r.HeldUnderLoad):
		return fmt.Sprintf("connections were held shorter under load than at rest, for %v a request: this machine was busy before", held)
	case r.Verdict != Holds && r.crowded(r.HeldUnderLoad):
		return fmt.Sprintf("connections were held longer under load than before, for %v a request: this machine is too busy", held)
	}
	return ""
}

// busy is how many connections are in use on average if each request holds them for held.
func (r *Run) busy(held Milliseconds) float64 { return float64(r.Load.Rate) * float64(held) / 1000 }

// crowded reports whether there is less room than it takes for no request to fail.
func (r *Run) crowded(held Milliseconds) bool { return float64(r.Load.Pool) < room*r.busy(held) }

// overflows reports whether more requests must fail than a version that holds has, if each
// holds connections for held: the pool serves no more than it has time for until the deadline
// of the last.
func (r *Run) overflows(held Milliseconds) bool {
	served := float64(r.Load.Pool) / r.busy(held) * float64(r.Load.Duration+r.Load.Deadline) / float64(r.Load.Duration)
	return 1-served > MostHolds/100.
}

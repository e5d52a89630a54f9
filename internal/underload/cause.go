package underload

import "github.com/fanout-bench/fanout-bench/tracer"

// A Cause is why a request failed.
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

// CauseOf returns why the request failed whose recording is r, by the last of its events that
// did not come to its end. late says that the deadline had passed.
func CauseOf(r tracer.Recording, late bool) Cause {
	if !late {
		return OtherCause
	}
	for i := len(r.Events) - 1; i >= 0; i-- {
		switch event := r.Events[i]; {
		case event.Outcome == tracer.OutcomeDone:
		case event.Kind == tracer.KindAcquire || event.Kind == tracer.KindConnect:
			return AcquireTimedOut
		default:
			return QueryCanceled
		}
	}
	return OtherCause
}

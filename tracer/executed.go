package tracer

import "iter"

// Executed yields the events that the server, or the authorization layer, did or
// may have done the work of, in order. repeat says that an earlier one did the
// same work: the statement with equal arguments, the same decision on the same
// object.
func (r Recording) Executed() iter.Seq2[Event, bool] {
	return func(yield func(e Event, repeat bool) bool) {
		seen := make(map[uint64]bool)
		for _, e := range r.Events {
			if !e.Outcome.reached() {
				continue
			}
			repeat := e.Identity != 0 && seen[e.Identity]
			seen[e.Identity] = true
			if !yield(e, repeat) {
				return
			}
		}
	}
}

package tracer

import "iter"

// Repeats tells of each event whether it did what an earlier one had done: the same
// decision on the same object, or the same read with equal arguments and nothing
// written between. Such a read is avoidable; a write never is, nor a read whose
// outcome varies by itself, such as one of random().
//
// What others write meanwhile is not known, another scope of the same request and calls
// of the underlying pgconn.PgConn among them. Nor are writes inside a function that a
// SELECT calls, or which functions of the application vary by themselves.
func (r Recording) Repeats() []bool {
	var (
		repeats = make([]bool, len(r.Events))
		read    = make(map[uint64]bool)
		decided = make(map[uint64]bool)
	)
	for i, e := range r.Events {
		seen := read
		switch {
		case !e.Outcome.reached():
			continue
		case e.Kind == Check:
			seen = decided
		case e.Writes:
			clear(read)
			continue
		case e.Outcome == Failed, e.Outcome == Unknown:
			continue
		}
		if e.Identity != 0 {
			repeats[i] = seen[e.Identity]
			seen[e.Identity] = true
		}
	}
	return repeats
}

// executed yields the events that the server, or the authorization layer, did or may
// have done the work of, in order, and what [Recording.Repeats] tells of each.
func (r Recording) executed() iter.Seq2[Event, bool] {
	return func(yield func(e Event, repeat bool) bool) {
		repeats := r.Repeats()
		for i, e := range r.Events {
			if e.Outcome.reached() && !yield(e, repeats[i]) {
				return
			}
		}
	}
}

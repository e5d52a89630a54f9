package tracer

import "iter"

// A Repeat says whether an [Event] did what an earlier one had done, and if it did, why
// it had to. It is "" for an event that equals none before, or may not: see
// [Event.Identity].
type Repeat string

const (
	// Avoidable: the same decision on the same object, or the same read with equal
	// arguments and nothing written between.
	Avoidable Repeat = "avoidable"
	// WritesAgain: an equal statement, which writes.
	WritesAgain Repeat = "writes"
	// LocksAgain: an equal statement, which locks.
	LocksAgain Repeat = "locks"
	// AfterWrite: an equal read, and something was written between.
	AfterWrite Repeat = "after a write"
	// AfterFailure: an equal read, and it or all of those before failed.
	AfterFailure Repeat = "after a failure"
)

// Repeats tells of each event whether it repeats an earlier one.
//
// What others write meanwhile is not known, another scope of the same request and calls
// of the underlying pgconn.PgConn among them. Nor are writes inside a function that a
// SELECT calls, or which functions of the application vary by themselves.
func (r Recording) Repeats() []Repeat {
	var (
		repeats = make([]Repeat, len(r.Events))
		met     = make(map[uint64]Repeat) // what to say of the next one that is equal
		read    = make(map[uint64]int)    // how often something had been written before
		writes  = 0
	)
	for i, e := range r.Events {
		if !e.Outcome.reached() {
			continue
		}
		again, known := met[e.Identity]
		failed := e.Kind != KindCheck && (e.Outcome == OutcomeFailed || e.Outcome == OutcomeUnknown)
		switch {
		case e.Kind == KindCheck:
			again = Avoidable
		case e.Locks:
			again = LocksAgain
		case e.Writes:
			again = WritesAgain
		case failed:
			again = AfterFailure
		case met[e.Identity] == AfterWrite && read[e.Identity] == writes:
			again = Avoidable
		}
		if e.Writes {
			writes++
		}
		if e.Identity == 0 {
			continue
		}
		if known {
			repeats[i] = again
		}
		switch {
		case e.Writes:
			met[e.Identity], read[e.Identity] = AfterWrite, -1
		case !failed:
			met[e.Identity], read[e.Identity] = AfterWrite, writes
		case !known:
			met[e.Identity] = AfterFailure
		}
	}
	return repeats
}

// executed yields the events that the server, or the authorization layer, did or may
// have done the work of, in order, and whether it was avoidable.
func (r Recording) executed() iter.Seq2[Event, bool] {
	return func(yield func(e Event, avoidable bool) bool) {
		repeats := r.Repeats()
		for i, e := range r.Events {
			if e.Outcome.reached() && !yield(e, repeats[i] == Avoidable) {
				return
			}
		}
	}
}

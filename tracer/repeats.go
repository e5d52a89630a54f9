package tracer

// A Repeat says whether an [Event] repeats an earlier one, and why it had to. It is "" for an
// event that repeats none, or whose [Event.Identity] is unknown.
type Repeat string

const (
	// Repeated: the same decision on the same object, or the same read with equal arguments and
	// no write between.
	Repeated Repeat = "repeated"
	// WritesAgain: an equal statement that writes.
	WritesAgain Repeat = "writes"
	// LocksAgain: an equal statement that locks.
	LocksAgain Repeat = "locks"
	// AfterWrite: an equal read, with a write between.
	AfterWrite Repeat = "after a write"
	// AfterFailure: an equal read; this one or all earlier ones failed.
	AfterFailure Repeat = "after a failure"
)

// Repeats returns for each event whether it repeats an earlier one.
//
// Writes by others are not known, including other scopes of the same request and calls of the
// underlying pgconn.PgConn. Neither are writes of a function that a SELECT calls, nor which
// functions of the application are volatile.
func (r Recording) Repeats() []Repeat {
	var (
		repeats = make([]Repeat, len(r.Events))
		met     = make(map[uint64]Repeat) // what the next equal event is
		read    = make(map[uint64]int)    // number of writes before the read
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
			again = Repeated
		case e.Locks:
			again = LocksAgain
		case e.Writes:
			again = WritesAgain
		case failed:
			again = AfterFailure
		case met[e.Identity] == AfterWrite && read[e.Identity] == writes:
			again = Repeated
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

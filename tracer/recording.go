package tracer

// A Recording is what one Scope saw, in the order in which it began.
type Recording struct {
	Scope   string // the name given to Start
	Events  []Event
	MaxHeld int // most pool connections leased at the same time
}

func newRecording(scope string, events []event, maxHeld int) Recording {
	type key struct {
		kind Kind
		text string
	}
	// Naming takes microseconds, and a fan-out repeats the same few texts.
	names := make(map[key]key)
	frames := framesOf(events)
	r := Recording{Scope: scope, Events: make([]Event, len(events)), MaxHeld: maxHeld}
	for i, e := range events {
		k := key{e.kind, e.text}
		named, ok := names[k]
		if !ok {
			named.kind, named.text = classify(e.kind, e.text)
			names[k] = named
		}
		r.Events[i] = Event{Kind: named.kind, Outcome: e.outcome, Name: named.text, Parent: e.parent, Identity: e.identity}
		if e.stack != nil {
			r.Events[i].Stack = withoutStore(frames[e.stack.key()], named.kind, named.text)
		}
	}
	return r
}

// Counts adds the recording up.
func (r Recording) Counts() Counts {
	c := Counts{MaxHeld: r.MaxHeld, Statements: map[string]int{}, Checks: map[string]int{}}
	for e, repeat := range r.Executed() {
		switch e.Kind {
		case Query, Copy:
			c.SQL++
			c.Statements[e.Name]++
			if !repeat {
				c.SQLUnique++
			}
		case Check:
			c.RBAC++
			c.Checks[e.Name]++
			if !repeat {
				c.RBACUnique++
			}
		case Tx:
			c.Tx++
		case Prepare:
			c.Prepare++
		case Acquire:
			if e.Outcome == Done {
				c.Acquires++
			}
		}
		if r.roundTrip(e) {
			c.RoundTrips++
		}
	}
	return c
}

// roundTrip reports whether the application waited for the server once because
// of e. A batch goes out as one, whatever it holds.
func (r Recording) roundTrip(e Event) bool {
	switch e.Kind {
	case Query, Tx:
		return e.Parent < 0 || r.Events[e.Parent].Kind != Batch
	case Copy, Batch, Prepare:
		return true
	default:
		return false
	}
}

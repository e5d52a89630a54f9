package tracer

import (
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// A Recording is what one Scope saw, in the order in which it began.
type Recording struct {
	Scope   string // the name given to Start
	Events  []Event
	MaxHeld int // most pool connections leased at the same time
	// Inner is how many statements and checks went to scopes and counters that were
	// started within the scope. They are in no other figure.
	Inner int
	// Estimated: some of it was on connections of which the Recorder does not read what the
	// server answers, or that goroutines shared at the same time, so that RoundTrips is what
	// pgx shows. What pgx tidies up is not in it.
	Estimated bool

	absent []Metric // see Counts.Absent

	// hidden is how many statements the server completed on connections that the scope had
	// acquired while nothing was under way that pgx shows to a tracer: pings, calls of the
	// underlying pgconn.PgConn. They are in no other figure.
	hidden int
	// proxied: some of it came over a proxy, which knows no code and no pool.
	proxied bool
}

func newRecording(s *Scope) Recording {
	r := Recording{
		Scope: s.name, Events: make([]Event, 0, s.calls), MaxHeld: s.maxHeld,
		Inner: int(s.inner.Load()), hidden: wire.Traffic(s.hidden.Load()).Statements(),
	}
	var (
		known  = texts{}
		frames = framesOf(s)
		ways   [byProxy + 1]bool      // that its statements came
		at     = make([]int, s.calls) // the event of each call
	)
	s.each(func(c *call) {
		at[c.index] = len(r.Events)
		e := Event{
			Outcome: outcomes[c.result()], Parent: -1, Identity: known.describe(c, c.text).identity(c),
			RoundTrips: c.roundTrips(), via: c.via, held: int(c.held), crossed: c.crossed,
		}
		if c.outer != nil {
			e.Parent = at[c.outer.index]
		}
		frames.into(&e, c)
		if c.sends() {
			ways[c.way] = true
			r.Estimated = r.Estimated || !c.exact() && c.way != byDriver
		}
		if parts := c.parts(); parts != nil {
			r.Events = append(r.Events, partEvents(e, c, parts, known, len(r.Events))...)
			return
		}
		known.describe(c, c.text).into(&e, c)
		e.Stack = withoutStore(e.Stack, e.Kind, e.Name)
		r.Events = append(r.Events, e)
	})
	r.absent, r.proxied = absent(ways), ways[byProxy]
	return r
}

// sends reports whether c has the server do something.
func (c *call) sends() bool {
	if c.has(shares) {
		return false
	}
	switch c.kind {
	case kindQuery:
		return c.outer == nil || c.outer.kind != kindBatch
	case kindCopy, kindBatch, kindPrepare:
		return true
	}
	return false
}

// roundTrips is how often c has waited for the server, whose last word may be missing:
// until a call has ended, and where the connection did.
func (c *call) roundTrips() int {
	n := wire.Traffic(c.traffic.Load()).RoundTrips()
	if !c.exact() {
		n = 0
	}
	if o := c.result(); c.sends() && !c.has(unprepared) && (o.reached() || o == outcomeRefused) {
		return max(n, 1)
	}
	return n
}

// Counts adds the recording up.
func (r Recording) Counts() Counts {
	c := Counts{MaxHeld: r.MaxHeld, Statements: map[string]int{}, Checks: map[string]int{}, Absent: r.absent}
	for e, repeat := range r.executed() {
		switch e.Kind {
		case KindQuery, KindCopy:
			c.SQL++
			c.Statements[e.Name]++
			if !repeat {
				c.SQLUnique++
			}
		case KindCheck:
			c.RBAC++
			c.Checks[e.Name]++
			if !repeat {
				c.RBACUnique++
			}
		case KindTx:
			c.Tx++
		case KindPrepare:
			c.Prepare++
		case KindAcquire:
			if e.Outcome == OutcomeDone {
				c.Acquires++
			}
		}
	}
	for _, e := range r.Events {
		trips := e.RoundTrips
		switch e.Kind {
		case KindQuery, KindCopy, KindTx:
		case KindBatch: // which takes another one to prepare what is new to its connection
			trips = min(trips, 1)
		default:
			continue
		}
		c.RoundTrips += trips
		if r.MaxHeld > 0 { // else nobody can tell
			c.ConnTrips += trips * e.held
		}
	}
	for _, m := range c.Absent {
		*m.in(&c) = 0
	}
	return c
}

package tracer

import (
	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/tracer/internal/wire"
)

// A Recording is what one Scope saw, in the order of beginning.
type Recording struct {
	Scope   string // the name given to Start
	Events  []Event
	MaxHeld int // most pool connections leased at the same time
	// Inner counts the statements and checks of scopes and counters started within the scope.
	// They are in no other figure.
	Inner int
	// Estimated: RoundTrips is estimated from what pgx reports, without pgx's own cleanup. The
	// Recorder does not read what the server answers on some connections, or goroutines shared
	// one.
	Estimated bool

	absent []Metric // see Counts.Absent

	// hidden counts statements that the server completed on connections of the scope outside of
	// the calls that pgx shows to tracers: pings, and calls of pgconn.PgConn. They are in no
	// other figure.
	hidden int
	// proxied: some work came over a proxy, which knows neither code nor pool.
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
		ways   [byProxy + 1]bool      // ways of its statements
		at     = make([]int, s.calls) // event index of each call
	)
	s.each(func(c *call) {
		at[c.index] = len(r.Events)
		e := Event{
			Outcome: outcomes[c.result()], Parent: -1, Identity: known.describe(c, c.text).identity(c),
			RoundTrips: c.roundTrips(), leaked: c.leaked, held: int(c.held), crossed: c.crossed,
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

// sends reports whether c makes the server do something.
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

// roundTrips returns how often c waited for the server. The last answer is missing until a call
// has ended, and if the connection ended.
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

// Counts returns the totals of the recording.
func (r Recording) Counts() Counts {
	c := Counts{MaxHeld: r.MaxHeld, Statements: map[string]int{}, Checks: map[string]int{}, Absent: r.absent}
	r.each(func(event int, m Metric, n int) {
		*m.in(&c) += n
		switch m {
		case SQL:
			c.Statements[r.Events[event].Name]++
		case RBAC:
			c.Checks[r.Events[event].Name]++
		}
	})
	for _, m := range c.Absent {
		*m.in(&c) = 0
	}
	return c
}

func init() {
	beside.Totals = func(recording any, add func(event int, metric string, n int)) {
		recording.(Recording).each(func(event int, m Metric, n int) { add(event, string(m), n) })
	}
}

// each calls add with what each event adds to the totals.
func (r Recording) each(add func(event int, m Metric, n int)) {
	repeats := r.Repeats()
	for i, e := range r.Events {
		if e.Outcome.reached() {
			switch e.Kind {
			case KindQuery, KindCopy:
				add(i, SQL, 1)
				if repeats[i] != Repeated {
					add(i, SQLUnique, 1)
				}
			case KindCheck:
				add(i, RBAC, 1)
				if repeats[i] != Repeated {
					add(i, RBACUnique, 1)
				}
			case KindTx:
				add(i, TxControl, 1)
			case KindPrepare:
				add(i, Prepares, 1)
			case KindAcquire:
				if e.Outcome == OutcomeDone {
					add(i, Acquires, 1)
				}
			}
		}
		trips := e.RoundTrips
		switch e.Kind {
		case KindQuery, KindCopy, KindTx:
		case KindBatch: // another one prepares the statements that are new to the connection
			trips = min(trips, 1)
		default:
			continue
		}
		add(i, RoundTrips, trips)
		if r.MaxHeld > 0 { // otherwise unknown
			add(i, ConnTrips, trips*e.held)
		}
	}
}

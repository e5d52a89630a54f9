package tracer

import (
	"context"
	"slices"
	"sync"

	"github.com/fanout-bench/fanout-bench/internal/beside"
)

// openScopes are the scopes that a Recorder measures now. A statement without a context belongs
// to the open one.
type openScopes struct {
	mu     sync.Mutex
	open   []*Scope
	opened bool   // there was one before
	last   string // the name of the one that opened last
}

func init() {
	beside.Open = func(recorder, scope any) (closed func()) { return recorder.(*Recorder).measured.add(scope.(*Scope)) }
}

// add is beside.Open.
func (o *openScopes) add(s *Scope) (closed func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.marked.Store(true)
	o.open, o.opened, o.last = append(o.open, s), true, s.name
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.open = slices.DeleteFunc(o.open, func(other *Scope) bool { return other == s })
	}
}

// only returns the open scope if there is exactly one. late: none is open, but last was.
func (o *openScopes) only() (s *Scope, rivals, late bool, last string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch len(o.open) {
	case 0:
		return nil, false, o.opened, o.last
	case 1:
		return o.open[0], false, false, o.last
	}
	return nil, true, false, ""
}

// begin records the start of a client's statement. There is no code to name.
func (c *conversation) begin(q *request, k kind, text string, identity uint64) *call {
	r := c.recorder
	scope, rivals, late, last := r.measured.only()
	b := start{Context: context.Background(), scope: scope, kind: k, text: text, identity: identity, watched: true, way: byProxy}
	var call *call
	if scope != nil {
		call = scope.add(&b, c.session)
		late = call == nil
	}
	if call == nil {
		call = (*session)(nil).unscoped(&b)
		if call.late = late; rivals {
			r.ledger.add(inRivals, 1)
		} else {
			r.note(call, last)
		}
	}
	if q.first == nil {
		q.first = call
	} else {
		call.outcome.Or(shares)
	}
	if c.over {
		r.concluded(call, outcomeNotSent, 0)
	}
	return call
}

// concluded records the outcome of c unless it is known already. The server does not complete a
// statement whose rows are fetched only in part.
func (r *Recorder) concluded(c *call, o outcome, flags uint32) {
	if c == nil || c.ended() {
		return
	}
	c.settle(o, flags)
	if c.statements() > 0 || !o.completed() {
		r.ledger.enter(c)
	}
}

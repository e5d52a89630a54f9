package tracer

import (
	"context"
	"slices"
	"sync"

	"github.com/fanout-bench/fanout-bench/internal/beside"
)

// openScopes are those of the work that a Recorder is to measure now. Where no context tells
// which scope gets a statement, it is the one that is open.
type openScopes struct {
	mu     sync.Mutex
	open   []*Scope
	opened bool // there was one
}

func init() {
	beside.Open = func(recorder, scope any) (closed func()) { return recorder.(*Recorder).measured.add(scope.(*Scope)) }
}

// add is beside.Open.
func (o *openScopes) add(s *Scope) (closed func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open, o.opened = append(o.open, s), true
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.open = slices.DeleteFunc(o.open, func(other *Scope) bool { return other == s })
	}
}

// only returns the scope that is open if it is the only one. late: none is, and one was.
func (o *openScopes) only() (s *Scope, rivals, late bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch len(o.open) {
	case 0:
		return nil, false, o.opened
	case 1:
		return o.open[0], false, false
	}
	return nil, true, false
}

// begin records that a client asks for a statement. There is no code that led to it.
func (c *conversation) begin(q *request, k kind, text string, identity uint64) *call {
	var (
		r            = c.recorder
		b            = start{Context: context.Background(), text: text, identity: identity}
		rivals, late bool
		call         *call
	)
	b.kind, b.watched, b.way = k, true, byProxy
	b.scope, rivals, late = r.measured.only()
	if b.scope != nil {
		call = b.scope.add(&b, c.session)
		late = call == nil
	}
	if call == nil {
		call = (*session)(nil).unscoped(&b)
		if call.late = late; rivals {
			r.ledger.rivals.Add(1)
		} else {
			r.note(call)
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

// concluded records what became of c, unless that is known. What hands out only some of its
// rows the server does not complete.
func (r *Recorder) concluded(c *call, o outcome, flags uint32) {
	if c == nil || c.ended() {
		return
	}
	c.settle(o, flags)
	if c.statements() > 0 || !o.completed() {
		r.ledger.enter(c)
	}
}

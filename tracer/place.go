package tracer

import (
	"context"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
)

// via is how an event came to its scope.
type via uint8

const (
	viaContext     via = iota
	viaLease           // its context carried no scope; the connection was acquired under one
	viaTransaction     // its context carried no scope; the transaction was begun under one
)

// A place is where a call belongs.
type place struct {
	scope   *Scope
	counter *Counter
	outer   *call // of the same scope, during which this one begins
	kind    kind
	via     via
	setup   bool // within a hook of the pool, be it pgxpool's Acquire or one of database/sql
	crossed bool // the connection is leased by another scope
	watched bool // the wire of the connection is
	way     way  // of the connection
	late    bool // its scope had ended
	// A stray is in no scope. It is not carried, so that its memory can be used again,
	// unless it is a rival, a copy or a batch: see unscoped.
	stray bool
	rival bool // see session.owner
}

// locate finds the place of a call of kind k by its context, which decides. It returns the
// innermost call that the context is of, or nil.
func (b *start) locate(ctx context.Context, k kind) (inside *call) {
	p := &b.place
	b.Context, p.kind = ctx, k
	if ctx == nil { // which pgx takes for some calls
		b.Context = context.Background()
	}
	switch n := nodeOf(ctx).(type) {
	case *acquiring:
		p.counter, p.setup = n.counter, true
	case *call:
		p.scope, p.counter = n.scope, n.counter
		if n.scope != nil {
			p.outer = n
		}
		p.setup = n.setup || n.kind == kindAcquire
		return n
	case *Scope:
		p.scope = n
	case *Counter:
		p.counter = n
	}
	return nil
}

// adopt finds the place of a call whose context says nothing: it is that of whoever holds
// the connection of s, unless s is nil. That is the same request, which has called with
// another context. The lock of s must be held.
func (b *start) adopt(s *session) {
	if s != nil && s.lease != nil && s.lease.over.Load() {
		s.lease = nil // nobody gives back a connection that was hijacked
	}
	p := &b.place
	if s != nil && s.way == byPgxInSQL && !p.setup {
		_, p.setup = callsite.InStdlib()
	}
	switch {
	case s == nil, p.setup, p.counter != nil:
	case p.scope != nil:
		p.crossed = s.lease != nil && s.lease != p.scope && !s.lease.holds(p.scope) && !p.scope.holds(s.lease)
	case s.lease != nil:
		p.scope, p.via = s.lease, viaLease
	case s.transaction != nil:
		p.scope, p.via = s.transaction, viaTransaction
	case s.released:
		p.setup = callsite.InPoolHook() // else it was taken by AcquireAllIdle
	}
}

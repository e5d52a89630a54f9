package tracer

import (
	"context"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
)

// via is how an event was matched to its scope.
type via uint8

const (
	viaContext     via = iota
	viaLease           // no scope in its context; the connection was acquired under one
	viaTransaction     // no scope in its context; the transaction was begun under one
)

// A place is where a call belongs.
type place struct {
	scope   *Scope // nil for a stray, see unscoped
	counter *Counter
	outer   *call // call of the same scope that contains this one
	kind    kind
	via     via
	setup   bool // within a hook of the pool, of pgxpool's Acquire or of database/sql
	crossed bool // another scope has leased the connection
	watched bool // the Recorder reads the wire of the connection
	way     way  // of the connection
	late    bool // its scope had ended
	rival   bool // see session.owner
}

// locate finds the place of a call of kind k by its context. It returns the innermost call of the
// context, or nil.
func (b *start) locate(ctx context.Context, k kind) (inside *call) {
	p := &b.place
	b.Context, p.kind = ctx, k
	if ctx == nil { // pgx accepts nil in some calls
		b.Context = context.Background()
	}
	n := nodeOf(ctx)
	p.scope, p.counter = holderOf(n)
	inside, _ = n.(*call)
	if inside != nil {
		if inside.scope != nil {
			p.outer = inside
		}
		p.setup = inside.setup || inside.kind == kindAcquire
	}
	return inside
}

// adopt finds the place of a call whose context has no scope: the scope that holds the connection
// of s, unless s is nil. That is the same request with another context. The lock of s must be
// held.
func (b *start) adopt(s *session) {
	if s != nil && s.lease != nil && s.lease.over.Load() {
		s.lease = nil // a hijacked connection is never released
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
		p.setup = callsite.InPoolHook() // otherwise AcquireAllIdle took it
	}
}

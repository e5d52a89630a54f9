package tracer

import "context"

// via is a [Via] in a byte.
type via uint8

const (
	viaContext via = iota
	viaLease
	viaTransaction
)

var vias = [...]Via{viaContext: ViaContext, viaLease: ViaLease, viaTransaction: ViaTransaction}

// A place is where a call belongs.
type place struct {
	scope   *Scope
	counter *Counter
	outer   *call // of the same scope, during which this one begins
	kind    kind
	via     via
	setup   bool // within pgxpool's Acquire, where only its hooks send anything
	crossed bool // the connection is leased by another scope
	watched bool // the wire of the connection is
	late    bool // its scope had ended
	// A stray is in no scope. It is not carried, so that its memory can be used again.
	stray bool
}

// locate finds the place of a call of kind k under ctx, on the connection of s unless
// that is nil. The context decides. Where it says nothing, whoever holds the
// connection does: that is the same request, which has called with another context.
func (b *start) locate(ctx context.Context, s *session, k kind) {
	p := &b.place
	b.Context, p.kind = ctx, k
	switch n := nodeOf(ctx).(type) {
	case *acquiring:
		p.counter, p.setup = n.counter, true
	case *call:
		p.scope, p.counter = n.scope, n.counter
		if n.scope != nil {
			p.outer = n
		}
		p.setup = n.setup || n.kind == kindAcquire
	case *Scope:
		p.scope = n
	case *Counter:
		p.counter = n
	}
	if s != nil && s.lease != nil && s.lease.over.Load() {
		s.lease = nil // nobody gives back a connection that was hijacked
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
		p.setup = true // AfterRelease
	}
}

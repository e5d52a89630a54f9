package tracer

import (
	"context"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
)

// locate finds the place of a call of kind k by its context. It returns the innermost call of the
// context, or nil.
func (b *start) locate(ctx context.Context, k kind) (inside *call) {
	b.Context, b.kind = ctx, k
	if ctx == nil { // pgx accepts nil in some calls
		b.Context = context.Background()
	}
	n := nodeOf(ctx)
	b.scope, b.counter = holderOf(n)
	inside, _ = n.(*call)
	if inside != nil {
		if inside.scope != nil {
			b.outer = inside
		}
		b.setup = inside.setup || inside.kind == kindAcquire
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
	if s != nil && s.way == byPgxInSQL && !b.setup {
		_, b.setup = callsite.InStdlib()
	}
	switch {
	case s == nil, b.setup, b.counter != nil:
	case b.scope != nil:
		b.crossed = s.lease != nil && s.lease != b.scope && !s.lease.holds(b.scope) && !b.scope.holds(s.lease)
	case s.lease != nil:
		b.scope, b.leaked = s.lease, true
	case s.transaction != nil:
		b.scope, b.leaked = s.transaction, true
	case s.pooled:
		b.setup = callsite.InPoolHook() // otherwise AcquireAllIdle took it
	}
}

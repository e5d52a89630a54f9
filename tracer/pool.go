package tracer

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

func (r hooks) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	var b start
	b.locate(ctx, kindAcquire)
	if b.scope != nil {
		if c := r.begin(nil, &b, nil); !c.stray {
			return c
		}
		b.scope, b.outer = nil, nil // the scope has ended
	}
	// The work of pool hooks is setup, also without a scope.
	return &acquiring{b.Context, b.counter}
}

// acquiring is the context of an acquire without a scope.
type acquiring struct {
	context.Context
	counter *Counter
}

func (a *acquiring) Value(key any) any {
	if key == (nodeKey{}) {
		return a
	}
	return a.Context.Value(key)
}

func (r hooks) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	c := callFrom(ctx, kindAcquire)
	if data.Err != nil {
		if c != nil {
			c.settle(outcomeFailed, 0)
		}
		return
	}
	if a, ok := nodeOf(ctx).(*acquiring); ok && a.counter != nil {
		a.counter.acquires.Add(1)
	}
	if c.ended() {
		r.ledger.doubled.Add(1)
		return
	}
	if c != nil {
		c.settle(outcomeDone, 0)
	}
	s := r.session(data.Conn)
	if s == nil {
		return
	}
	s.lock()
	defer s.unlock()
	s.attribute() // to no call: the pool may have pinged the connection
	s.released = false
	if c != nil {
		c.scope.lease()
		s.lease = c.scope
	}
}

func (r hooks) TraceRelease(_ *pgxpool.Pool, data pgxpool.TraceReleaseData) {
	s := r.session(data.Conn)
	if s == nil {
		return
	}
	s.lock()
	defer s.unlock()
	s.attribute()
	if s.lease != nil {
		s.lease.giveBack()
		s.lease = nil
	}
	s.released = true
	s.forget()
}

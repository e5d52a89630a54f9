package tracer

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

func (r hooks) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	_, ctx = r.starts(ctx, nil, kindAcquire, &start{}, nil)
	return ctx
}

func (r hooks) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	c := callFrom(ctx, kindAcquire)
	if data.Err != nil {
		if c != nil {
			c.settle(outcomeFailed, 0)
			if ended, _ := holderOf(nodeOf(c.Context)); c.late && ended.origin() != "" {
				c.text = "acquire of a connection" // the work that needs it is not seen
				r.tellStray(c, ended.origin())
			}
		}
		return
	}
	if c.ended() {
		r.ledger.add(inDoubled, 1)
		return
	}
	if c != nil {
		c.settle(outcomeDone, 0)
		if c.counter != nil {
			c.counter.acquires.Add(1)
		}
	}
	s := r.session(data.Conn)
	if s == nil {
		return
	}
	s.lock()
	defer s.unlock()
	s.attribute() // to no call: the pool may have pinged the connection
	s.pooled = false
	if c != nil && c.scope != nil {
		c.scope.hold(1)
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
		s.lease.hold(-1)
		s.lease = nil
	}
	s.pooled = true
	s.forget()
}

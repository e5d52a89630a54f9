package tracer

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

func (r *Recorder) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	b := start{began: now()}
	b.locate(ctx, nil, kindAcquire)
	if b.scope != nil {
		if c := r.begin(nil, &b); !c.stray {
			return c
		}
		b.scope, b.outer = nil, nil // it has ended
	}
	// Carried although it is in no scope: what the pool's hooks do is setup.
	return &call{start: b}
}

func (r *Recorder) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	c := callFrom(ctx, kindAcquire)
	if data.Err != nil {
		if c != nil {
			c.settle(outcomeFailed, 0)
		}
		return
	}
	s := r.session(data.Conn)
	s.assign() // to nobody: the pool may have pinged the connection
	if c == nil {
		return
	}
	c.settle(outcomeDone, 0)
	if c.counter != nil {
		c.counter.acquires.Add(1)
	}
	if c.scope != nil && s != nil {
		c.scope.lease(time.Duration(now() - c.began))
		s.lease = c.scope
	}
}

func (r *Recorder) TraceRelease(_ *pgxpool.Pool, data pgxpool.TraceReleaseData) {
	s := r.session(data.Conn)
	if s == nil {
		return
	}
	s.assign()
	if s.lease != nil {
		s.lease.giveBack()
		s.lease = nil
	}
	clear(s.open)
	s.open = s.open[:0]
}

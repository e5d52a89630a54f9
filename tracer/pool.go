package tracer

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

// leaseKey is where a leased connection carries the scope that holds it.
// TraceRelease gets no context, and the lease belongs to the connection.
const leaseKey = "github.com/fanout-bench/fanout-bench/tracer.lease"

func (r *Recorder) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	return r.begin(ctx, event{kind: Acquire})
}

func (r *Recorder) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	c := callFrom(ctx)
	if data.Err != nil {
		c.end(Failed)
		return
	}
	c.end(Done)
	if c != nil && c.scope != nil {
		c.scope.lease()
		data.Conn.PgConn().CustomData()[leaseKey] = c.scope
	}
}

func (r *Recorder) TraceRelease(_ *pgxpool.Pool, data pgxpool.TraceReleaseData) {
	custom := data.Conn.PgConn().CustomData()
	if scope, ok := custom[leaseKey].(*Scope); ok {
		delete(custom, leaseKey)
		scope.giveBack()
	}
}

// Package underload has what it takes to put a service under load and see what its pool goes
// through: a slow network, and a meter of the pool.
package underload

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Request is one of those that take connections. Its context is what [Request.Context]
// returns.
type Request struct {
	// Held is for how long connections were held, in total. The meter guards it until the
	// request has ended.
	Held time.Duration
	// Acquires is how many connections it got from the pool of the meter.
	Acquires int
}

// Of returns what r has by now: a connection may still be released.
func (m *Meter) Of(r *Request) Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return *r
}

type requestKey struct{}

// Context returns the one for the work of r.
func (r *Request) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// A Meter takes the time that connections are waited for and held. It is a tracer of
// one pool, and safe for concurrent use.
type Meter struct {
	mu        sync.Mutex
	leases    map[*pgx.Conn]lease
	pool      *pgxpool.Pool // nil until something is acquired
	begun     bool          // only then there is an end to the waits
	before    Pool
	waits     []time.Duration
	destroyed int
}

// A lease is a connection taken from the pool.
type lease struct {
	request *Request // nil: not for one
	since   time.Time
}

// Pool is what a pool went through between [Meter.Begin] and [Meter.End].
type Pool struct {
	Acquires  int             // that got a connection
	Empty     int             // of these, how many had to wait for one
	Canceled  int             // given up before there was one
	Opened    int             // connections
	Destroyed int             // connections closed because a statement was canceled
	Waits     []time.Duration // how long acquires took, with those given up
}

// Begin begins to take what End returns. Connections may be leased.
func (m *Meter) Begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun, m.waits, m.destroyed, m.before = true, nil, 0, m.totals()
}

// End returns what the pool went through.
func (m *Meter) End() Pool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun = false
	p := m.totals()
	return Pool{
		Acquires: p.Acquires - m.before.Acquires, Empty: p.Empty - m.before.Empty, Canceled: p.Canceled - m.before.Canceled,
		Opened: p.Opened - m.before.Opened, Destroyed: m.destroyed, Waits: m.waits,
	}
}

// totals are those of the pool since it was made.
func (m *Meter) totals() Pool {
	if m.pool == nil {
		return Pool{}
	}
	stat := m.pool.Stat()
	return Pool{
		Acquires: int(stat.AcquireCount()), Empty: int(stat.EmptyAcquireCount()), Canceled: int(stat.CanceledAcquireCount()),
		Opened: int(stat.NewConnsCount()),
	}
}

type waitKey struct{}

// TraceAcquireStart implements [pgxpool.AcquireTracer].
func (m *Meter) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	return context.WithValue(ctx, waitKey{}, time.Now())
}

// TraceAcquireEnd implements [pgxpool.AcquireTracer].
func (m *Meter) TraceAcquireEnd(ctx context.Context, pool *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	now := time.Now()
	since, _ := ctx.Value(waitKey{}).(time.Time)
	request, _ := ctx.Value(requestKey{}).(*Request)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pool = pool
	if m.begun {
		m.waits = append(m.waits, now.Sub(since))
	}
	if data.Err == nil {
		if m.leases == nil {
			m.leases = map[*pgx.Conn]lease{}
		}
		m.leases[data.Conn] = lease{request, now}
		if request != nil {
			request.Acquires++
		}
	}
}

// TraceRelease implements [pgxpool.ReleaseTracer].
func (m *Meter) TraceRelease(_ *pgxpool.Pool, data pgxpool.TraceReleaseData) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.leases[data.Conn]
	if !ok {
		return
	}
	delete(m.leases, data.Conn)
	if l.request != nil {
		l.request.Held += now.Sub(l.since)
	}
	// The driver closes the connection of a statement whose context ended.
	if data.Conn.IsClosed() {
		m.destroyed++
	}
}

// TraceQueryStart and TraceQueryEnd do nothing: only a pgx.QueryTracer can be made the tracer
// of a pool.
func (m *Meter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd does nothing.
func (m *Meter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

package load

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A meter takes the time that connections are waited for and held. It is a tracer of
// one pool, and safe for concurrent use.
type meter struct {
	mu        sync.Mutex
	leases    map[*pgx.Conn]lease
	begun     bool // only then there is an end to the waits
	waits     []time.Duration
	destroyed int
}

// A lease is a connection taken from the pool.
type lease struct {
	served *Served // nil: not for a request
	since  time.Time
}

func newMeter() *meter { return &meter{leases: map[*pgx.Conn]lease{}} }

// begin begins to take what end returns. Connections may be leased.
func (m *meter) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun, m.waits, m.destroyed = true, nil, 0
}

// end returns how long acquires took, and how many connections were destroyed.
func (m *meter) end() (waits []time.Duration, destroyed int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun = false
	return m.waits, m.destroyed
}

type waitKey struct{}

func (m *meter) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	return context.WithValue(ctx, waitKey{}, time.Now())
}

func (m *meter) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	now := time.Now()
	since, _ := ctx.Value(waitKey{}).(time.Time)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.begun {
		m.waits = append(m.waits, now.Sub(since))
	}
	if data.Err == nil {
		m.leases[data.Conn] = lease{servedFrom(ctx), now}
	}
}

func (m *meter) TraceRelease(_ *pgxpool.Pool, data pgxpool.TraceReleaseData) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.leases[data.Conn]
	if !ok {
		return
	}
	delete(m.leases, data.Conn)
	if l.served != nil {
		l.served.Held += now.Sub(l.since)
	}
	// The driver closes the connection of a statement whose context ended.
	if data.Conn.IsClosed() {
		m.destroyed++
	}
}

// Only a pgx.QueryTracer can be made the tracer of a pool.
func (m *meter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (m *meter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

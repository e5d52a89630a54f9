package tracer

import (
	"context"
	"sync/atomic"

	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// A Counter keeps only totals: no names, no order, no arguments. It costs nanoseconds for each
// statement, and allocates only when a pool is asked for a connection, so it can stay in
// production code:
//
//	ctx, counter := tracer.Count(r.Context())
//	next.ServeHTTP(w, r.WithContext(ctx))
//	log.Print(counter.Totals().SQL)
//
// A Counter is safe for concurrent use. Use [Count] to make one.
type Counter struct {
	sql, tx, rbac, prepare, acquires atomic.Int64

	outer *Scope // the enclosing scope
}

// Totals are the counts of a [Counter]. The fields have the meaning of those in [Counts], but SQL
// counts a string of several statements once.
type Totals struct {
	SQL, RBAC, Tx, Prepare, Acquires int
}

// Count returns a context whose work is only counted. If counters and scopes nest, the innermost
// gets the work.
func Count(ctx context.Context) (context.Context, *Counter) {
	c := &Counter{outer: scopeAround(ctx)}
	return context.WithValue(ctx, nodeKey{}, c), c
}

// Totals returns the counts so far. A statement counts from its beginning. It is subtracted again
// if it did not reach the server.
func (c *Counter) Totals() Totals {
	return Totals{
		SQL:      int(c.sql.Load()),
		RBAC:     int(c.rbac.Load()),
		Tx:       int(c.tx.Load()),
		Prepare:  int(c.prepare.Load()),
		Acquires: int(c.acquires.Load()),
	}
}

func (c *Counter) count(k kind, text string, n int64) {
	if k.counts() {
		c.outer.took(n)
	}
	switch k {
	case kindQuery:
		if sqltext.IsTx(text) {
			c.tx.Add(n)
		} else {
			c.sql.Add(n)
		}
	case kindCopy:
		c.sql.Add(n)
	case kindPrepare:
		c.prepare.Add(n)
	case kindCheck:
		c.rbac.Add(n)
	}
}

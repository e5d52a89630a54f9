package tracer

import (
	"context"
	"sync/atomic"

	"github.com/fanout-bench/fanout-bench/tracer/internal/sqltext"
)

// A Counter keeps totals and nothing else: no names, no order, no arguments. That
// costs some nanoseconds for each statement, and memory only where a pool is asked
// for a connection, so it can stay in a program that is not being measured:
//
//	ctx, counter := tracer.Count(r.Context())
//	next.ServeHTTP(w, r.WithContext(ctx))
//	log.Print(counter.Totals().SQL)
//
// It is safe for concurrent use. [Count] makes one.
type Counter struct {
	sql, tx, rbac, prepare, acquires atomic.Int64

	outer *Scope // that it was made within
}

// Totals are what a [Counter] has counted. Each means what it does in [Counts],
// except that SQL counts a string of several statements once.
type Totals struct {
	SQL, RBAC, Tx, Prepare, Acquires int
}

// Count returns a context for work that is only to be counted. The innermost of the
// counters and scopes of a context gets the work.
func Count(ctx context.Context) (context.Context, *Counter) {
	c := &Counter{outer: scopeAround(ctx)}
	return context.WithValue(ctx, nodeKey{}, c), c
}

// Totals returns what has been counted so far. A statement counts as soon as it is
// begun, and no more if it turns out never to have reached the server.
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

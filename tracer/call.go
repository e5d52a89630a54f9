package tracer

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// A call is the context pgx carries from the start of one traced call to its
// end, and into whatever that call does in between.
type call struct {
	context.Context
	kind  Kind
	setup bool   // within pgxpool's Acquire, where only its hooks send anything
	scope *Scope // nil: unattributed
	index int    // of the event in scope
	batch *batch // of a Batch call

	prepared *pgx.TracePrepareStartData // of a Prepare call with a name
}

type callKey struct{}

func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// callFrom returns the innermost call ctx belongs to, or nil. The type
// assertion is the common case; another tracer may have wrapped the context.
func callFrom(ctx context.Context) *call {
	if c, ok := ctx.(*call); ok {
		return c
	}
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// begin records e in the scope of ctx, below the call ctx is part of, or in the
// bucket for unattributed work. The caller ends the returned call.
func (r *Recorder) begin(ctx context.Context, e event) *call {
	c := &call{Context: ctx, kind: e.kind}
	outer := callFrom(ctx)
	c.setup = outer != nil && (outer.setup || outer.kind == Acquire)
	if c.setup {
		switch e.kind {
		case Query, Copy, Batch, Prepare:
			e.kind = Setup
		}
	}
	scope, _ := ctx.Value(scopeKey{}).(*Scope)
	if scope == nil {
		r.unattributed.add(e, false)
		return c
	}
	e.parent = -1
	if outer != nil && outer.scope == scope {
		e.parent = outer.index
	}
	e.outcome = Unfinished
	e.stack = r.stack()
	index, ok := scope.add(e)
	if !ok {
		r.unattributed.add(e, true)
		return c
	}
	c.scope, c.index = scope, index
	return c
}

// end sets what became of the call's event. c is nil where another tracer
// replaced the context: the event then stays Unfinished, and still counts.
func (c *call) end(o Outcome) {
	if c != nil && c.scope != nil {
		c.scope.settle(c.index, o)
	}
}

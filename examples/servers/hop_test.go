package servers

import (
	"context"
	"sync/atomic"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A running tells work that gets its context from elsewhere what is being measured. Runs come
// one after the other, so that it is one at a time.
type running struct {
	ctx atomic.Pointer[context.Context]
}

// join returns ctx with the scope of what is running.
func (r *running) join(ctx context.Context) context.Context {
	if of := r.ctx.Load(); of != nil {
		return tracer.Join(ctx, *of)
	}
	return ctx
}

// during has what read leads to join, until it returns.
func (r *running) during(ask read) read {
	return func(ctx context.Context, n int) ([]string, error) {
		r.ctx.Store(&ctx)
		defer r.ctx.Store(nil)
		return ask(ctx, n)
	}
}

package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var errExited = errors.New("it ended its goroutine, as t.FailNow does; return an error instead")

// grace is for what ends just after its context.
const grace = 2 * time.Second

// guarded calls f, which is code under measurement, so that whatever it does
// costs its own cell only: a panic or the end of its goroutine becomes an error,
// and if it does not return soon after the end of ctx it is left behind.
func guarded[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		a := answer{err: errExited}
		defer func() {
			if v := recover(); v != nil {
				a.err = fmt.Errorf("panic: %v", v)
			}
			done <- a
		}()
		a.value, a.err = f()
	}()
	select {
	case a := <-done:
		return a.value, explained(ctx, a.err)
	case <-ctx.Done():
	}
	select {
	case a := <-done:
		return a.value, explained(ctx, a.err)
	case <-time.After(grace):
		var none T
		return none, fmt.Errorf("%w, nor with its context", context.Cause(ctx))
	}
}

// explained replaces the bare word that a deadline passed by which and whose.
func explained(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

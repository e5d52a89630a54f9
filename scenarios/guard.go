package scenarios

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

var errExited = errors.New("the measured code ended its goroutine, as t.FailNow does; return an error instead")

var errPanic = errors.New("panic")

// grace bounds the wait for code that ends just after its context.
const grace = 2 * time.Second

// guarded calls f, the code under measurement, so that it can fail only its own cell. A panic
// or the end of its goroutine becomes an error. If f does not return soon after the end of
// ctx, guarded abandons it.
func guarded[T any](ctx context.Context, f func(ctx context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		a := answer{err: errExited}
		defer func() {
			if v := recover(); v != nil {
				a.err = fmt.Errorf("%w: %v%s", errPanic, v, panicked())
			}
			if errors.Is(a.err, context.DeadlineExceeded) && ctx.Err() != nil {
				a.err = context.Cause(ctx) // names the deadline
			}
			done <- a
		}()
		a.value, a.err = f(ctx)
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
	}
	select {
	case a := <-done:
		return a.value, a.err
	case <-time.After(grace):
		var none T
		return none, fmt.Errorf("%w, and the code ignores the end of its context", context.Cause(ctx))
	}
}

// panicked returns where the recovered panic began, without the folder of the file, which
// belongs to somebody's machine.
func panicked() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for begun := false; ; {
		frame, more := frames.Next()
		if begun && !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf(", in %s %s:%d", path.Base(frame.Function), filepath.Base(frame.File), frame.Line)
		}
		begun = begun || frame.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}

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

var errExited = errors.New("it ended its goroutine, as t.FailNow does; return an error instead")

// grace is for what ends just after its context.
const grace = 2 * time.Second

// guarded calls f, which is code under measurement, so that whatever it does
// costs its own cell only: a panic or the end of its goroutine becomes an error,
// and if it does not return soon after the end of ctx it is left behind.
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
				a.err = fmt.Errorf("panic: %v%s", v, panicked())
			}
			if errors.Is(a.err, context.DeadlineExceeded) && ctx.Err() != nil {
				a.err = context.Cause(ctx) // which says what deadline, and whose
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
		return none, fmt.Errorf("%w, nor with its context", context.Cause(ctx))
	}
}

// panicked tells where the panic that is being recovered from began, without the folder
// of the file, which is that of somebody's machine.
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

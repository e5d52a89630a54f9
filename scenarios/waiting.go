package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A timeoutError is the end of a context that a Runner has limited.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string        { return fmt.Sprintf("not finished within %v", e.limit) }
func (e *timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// waiting adds to err, with which a call ended, what it waited for until its time was over.
func waiting(ctx context.Context, err error, r tracer.Recording) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	var places []string
	for _, e := range r.Events {
		if e.Kind == tracer.KindAcquire && e.Outcome != tracer.OutcomeDone {
			if at := site(e); at != "" && !slices.Contains(places, at) {
				places = append(places, at)
			}
		}
	}
	if len(places) > 0 {
		return fmt.Errorf("%w: it waits for a connection of the pool at %s", err, strings.Join(places, ", "))
	}
	return err
}

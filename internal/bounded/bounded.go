// Package bounded waits for what may never end.
package bounded

import (
	"context"
	"time"
)

// Wait waits until f returns. If f goes on for longer than grace after the end of ctx, Wait abandons
// it and returns the error of ctx.
func Wait(ctx context.Context, grace time.Duration, f func()) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	select {
	case <-done:
		return nil
	case <-time.After(grace):
		return ctx.Err()
	}
}

// Package bounded waits for what may never end.
package bounded

import "context"

// Wait waits until f returns. If ctx ends first, it abandons f and returns the error of ctx.
func Wait(ctx context.Context, f func()) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

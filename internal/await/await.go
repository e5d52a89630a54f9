// Package await lets tests wait for events in other processes.
package await

import (
	"testing"
	"time"
)

const (
	// limit is for a machine under heavy load. The events take moments.
	limit    = time.Minute
	interval = 5 * time.Millisecond
)

// Until waits until condition is true, and fails the test after the limit.
func Until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !condition(); time.Sleep(interval) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting for: %s", what)
		}
	}
}

// Package await has tests wait for what happens in other processes, which nobody
// tells them of.
package await

import (
	"testing"
	"time"
)

const (
	// limit is for a machine under heavy load: what is waited for takes moments.
	limit    = time.Minute
	interval = 5 * time.Millisecond
)

// Until waits until condition holds. The test fails if that never is.
func Until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !condition(); time.Sleep(interval) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// Package long keeps tests that take long by nature out of 'go test ./...': those that run
// 'go test' themselves, start containers or a browser, kill processes at every point, or
// repeat something hundreds of times.
//
//	func TestLongSoak(t *testing.T) {
//		long.Test(t)
//
// FANOUT_LONG=1 runs them, and CI does. It selects them by their names, and fails if one
// that the sources declare did not run to its end.
package long

import (
	"os"
	"strings"
)

// variable has long tests run if it is 1.
const variable = "FANOUT_LONG"

// prefix is what the names of long tests begin with, as CI selects them by it.
const prefix = "TestLong"

// A T is what this package needs of a *testing.T.
type T interface {
	Fatalf(format string, args ...any)
	Helper()
	Name() string
	Skipf(format string, args ...any)
}

// Test skips t unless long tests run. It comes first in a test, whose name begins with
// TestLong.
func Test(t T) {
	t.Helper()
	if !strings.HasPrefix(t.Name(), prefix) {
		t.Fatalf("name it %s…: CI selects the tests that take long by their names", prefix)
	}
	if os.Getenv(variable) != "1" {
		t.Skipf("it takes long; run it with: %s=1 go test -run '^%s$' in its folder, or all such tests with: make long", variable, t.Name())
	}
}

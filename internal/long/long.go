// Package long keeps slow tests out of 'go test ./...': those that run 'go test', start
// containers or a browser, kill processes at every point, or repeat something hundreds of
// times.
//
//	func TestLongSoak(t *testing.T) {
//		long.Test(t)
//
// FANOUT_LONG=1 runs them, as CI does. CI selects them by name, and fails if a declared one did
// not run to its end.
package long

import (
	"os"
	"strings"
)

// variable makes long tests run if it is 1.
const variable = "FANOUT_LONG"

// prefix begins the names of long tests; CI selects them by it.
const prefix = "TestLong"

// A T is the part of *testing.T that this package needs.
type T interface {
	Fatalf(format string, args ...any)
	Helper()
	Name() string
	Skipf(format string, args ...any)
}

// Test skips t unless long tests run. Call it first in a test named TestLong….
func Test(t T) {
	t.Helper()
	if !strings.HasPrefix(t.Name(), prefix) {
		t.Fatalf("name it %s…: CI selects slow tests by name", prefix)
	}
	if os.Getenv(variable) != "1" {
		t.Skipf("slow test; run it with: %s=1 go test -run '^%s$' in its folder, or all such tests with: make long", variable, t.Name())
	}
}

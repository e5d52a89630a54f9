package fanouttest

import "context"

// TB is the part of *testing.T that this package and testdb use. It is an interface so that
// programs that link them do not link package testing.
type TB interface {
	Cleanup(f func())
	Context() context.Context
	Errorf(format string, args ...any)
	Failed() bool
	Fatalf(format string, args ...any)
	Helper()
	Logf(format string, args ...any)
	Name() string
	Skipf(format string, args ...any)
}

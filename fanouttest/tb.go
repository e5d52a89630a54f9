package fanouttest

import "context"

// TB is what this package and testdb need of a *testing.T. It is an interface so that no
// program that links them links package testing.
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

// Package onlycounts tells package testdb which tests failed only because of their counts: their
// databases are not worth keeping.
package onlycounts

import "sync"

var tests sync.Map // by name

// Note records that a test fails because of its counts.
func Note(test string) { tests.Store(test, true) }

// Forget undoes Note, for a test that runs again.
func Forget(test string) { tests.Delete(test) }

// Failed reports whether Note was called.
func Failed(test string) bool {
	_, ok := tests.Load(test)
	return ok
}

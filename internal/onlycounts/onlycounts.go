// Package onlycounts tells package testdb of tests in which all went well but the counts:
// there is nothing to be seen in their databases.
package onlycounts

import "sync"

var tests sync.Map // by name

// Note notes that the counts of a test are what it fails for.
func Note(test string) { tests.Store(test, true) }

// Forget takes that back, for a test that runs again.
func Forget(test string) { tests.Delete(test) }

// Failed reports whether it was noted.
func Failed(test string) bool {
	_, ok := tests.Load(test)
	return ok
}

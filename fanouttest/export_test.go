package fanouttest

// StartIn has Check take folder for the one that go test has started the tests in, and
// returns what undoes it.
func StartIn(folder string) (undo func()) {
	before := started
	started = folder
	return func() { started = before }
}

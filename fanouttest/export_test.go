package fanouttest

// StartIn sets the folder in which go test started the tests, and returns a function to undo it.
func StartIn(folder string) (undo func()) {
	before := started
	started = folder
	return func() { started = before }
}

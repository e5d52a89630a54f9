package main

// The exit statuses. Where several apply, measuring comes before judging.
const (
	statusOK          = 0
	statusRegression  = 1
	statusUsage       = 2
	statusNotMeasured = 3
	statusNoData      = 4
	statusImproved    = 5
	statusInterrupted = 130
)

// A statusError is an error with the exit status it leads to.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }

func (e *statusError) Unwrap() error { return e.err }

func withStatus(status int, err error) error { return &statusError{status: status, err: err} }

package main

import "slices"

// The exit statuses, the one that counts first where several apply, but for statusOK.
const (
	statusOK          = 0
	statusInterrupted = 130
	statusUsage       = 2
	statusRegression  = 1
	statusNotMeasured = 3
	statusNoData      = 4
	statusImproved    = 5
	statusSkip        = 125 // in place of 3 and 4, for git bisect
)

var precedence = []int{statusInterrupted, statusUsage, statusRegression, statusNotMeasured, statusSkip, statusNoData, statusImproved}

// A statusError is an error with the exit status it leads to.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }

func (e *statusError) Unwrap() error { return e.err }

func withStatus(status int, err error) error { return &statusError{status: status, err: err} }

// statusOf returns the status that all of err leads to, or other if none of it has one.
func statusOf(err error, other int) int {
	statuses := statusesIn(err)
	if slices.Equal(statuses, []int{statusOK}) {
		return statusOK
	}
	for _, status := range precedence {
		if slices.Contains(statuses, status) {
			return status
		}
	}
	return other
}

func statusesIn(err error) []int {
	if s, ok := err.(*statusError); ok {
		return []int{s.status} // it has decided for what it wraps
	}
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		return statusesIn(err.Unwrap())
	case interface{ Unwrap() []error }:
		var all []int
		for _, err := range err.Unwrap() {
			all = append(all, statusesIn(err)...)
		}
		return all
	}
	return nil
}

// Package exit defines the exit statuses of the program and errors that carry them.
package exit

import (
	"errors"
	"slices"
)

const (
	OK          = 0
	Interrupted = 130
	Usage       = 2
	Regression  = 1
	NotMeasured = 3
	NoData      = 4
	Improved    = 5
	Skip        = 125 // in place of 3 and 4, for git bisect
	Abort       = 129 // in place of 2, for git bisect
)

// precedence lists the statuses, the one that wins first.
var precedence = []int{Interrupted, Usage, Abort, Regression, NotMeasured, Skip, NoData, Improved, OK}

// A statusError is an error with an exit status.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }

func (e *statusError) Unwrap() error { return e.err }

// With returns err with an exit status.
func With(status int, err error) error { return &statusError{status: status, err: err} }

// Of returns the status for all of err, or other if no error in it has one.
func Of(err error, other int) int {
	statuses := statusesIn(err)
	for _, status := range precedence {
		if slices.Contains(statuses, status) {
			return status
		}
	}
	return other
}

func statusesIn(err error) []int {
	switch err := err.(type) { //nolint:errorlint // it unwraps errors itself
	case *statusError:
		return []int{err.status} // it overrides the errors it wraps
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

// ErrInterrupted is wrapped by every error that an interrupt caused.
var ErrInterrupted = With(Interrupted, errors.New("interrupted"))

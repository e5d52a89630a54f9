// Package oserr prepares errors of the file system for display.
package oserr

import (
	"errors"
	"io/fs"
	"os"
)

// WithoutPath returns the cause of a file system or exec error without the path. The path may
// reveal more of the machine than needed, and the user who named a file knows it.
func WithoutPath(err error) error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		return pathErr.Err
	case errors.As(err, &linkErr):
		return linkErr.Err
	}
	return err
}

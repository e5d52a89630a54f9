// Package oserr makes errors of the file system fit to be shown.
package oserr

import (
	"errors"
	"io/fs"
	"os"
)

// WithoutPath returns what happened, without the path that errors of the file
// system and of starting programs carry: it may say more of the machine than is
// asked for, and who named a file knows it as they named it.
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

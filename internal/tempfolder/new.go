package tempfolder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

// New makes a folder in base. what is a word for its name.
func New(base, what string) (*Folder, error) {
	// A relative TMPDIR would mean another folder to a process that runs elsewhere.
	path, err := filepath.Abs(base)
	if err == nil {
		path, err = os.MkdirTemp(path, Prefix+what+"-")
	}
	if err != nil {
		// Without the random name, two attempts fail with the same text.
		return nil, fmt.Errorf("make a temporary folder in %s: %w", base, oserr.WithoutPath(err))
	}
	f := &Folder{Path: path}
	if err := f.claim(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the temporary folder: %w", err), f.Remove())
	}
	return f, nil
}

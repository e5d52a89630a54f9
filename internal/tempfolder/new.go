package tempfolder

import (
	"errors"
	"fmt"
	"os"
)

// New makes a folder in base. purpose is a word for its name.
func New(base, what string) (*Folder, error) {
	path, err := os.MkdirTemp(base, Prefix+what+"-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	f := &Folder{Path: path}
	if err := f.claim(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the temporary folder: %w", err), f.Remove())
	}
	return f, nil
}

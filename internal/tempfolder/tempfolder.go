// Package tempfolder makes temporary folders that do not outlive their process for long:
// those of a process that was killed are found by the next one.
package tempfolder

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	// Prefix begins the name of every folder.
	Prefix = "fanout-bench-"

	// LockName is that of a file which is locked for as long as the process lives that
	// made the folder. The kernel lets go of the lock whichever way the process ends,
	// which tells others that the folder may be removed.
	LockName = "owner.lock"
)

// A Folder is a temporary folder. It belongs to the user of this process, so that root
// never writes to or trusts what another user could have replaced.
type Folder struct {
	Path string
	lock *os.File
}

// Name returns the name of the folder, without where it is.
func (f *Folder) Name() string { return filepath.Base(f.Path) }

// File returns the path of a file in the folder.
func (f *Folder) File(name string) string { return filepath.Join(f.Path, name) }

// HeldBy has a command, and all that it starts, hold the folder as this process does.
func (f *Folder) HeldBy(cmd *exec.Cmd) {
	if f.lock != nil {
		cmd.ExtraFiles = append(cmd.ExtraFiles, f.lock)
	}
}

// Remove removes the folder and lets go of its lock, unless it fails: the caller tries again
// or releases it. The lock file goes last, so that others recognize the folder if this is
// cut short.
func (f *Folder) Remove() error {
	entries, err := os.ReadDir(f.Path)
	for _, e := range entries {
		if e.Name() != LockName {
			err = errors.Join(err, os.RemoveAll(f.File(e.Name())))
		}
	}
	if err == nil {
		err = os.RemoveAll(f.Path)
	}
	if err != nil {
		return fmt.Errorf("remove the temporary folder: %w", err)
	}
	f.Release()
	return nil
}

// Release lets go of the lock and leaves the folder to others.
func (f *Folder) Release() {
	if f.lock != nil {
		f.lock.Close()
	}
}

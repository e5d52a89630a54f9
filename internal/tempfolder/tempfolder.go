// Package tempfolder makes temporary folders that later processes can find and remove if their
// process is killed.
package tempfolder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	// Prefix begins the name of every folder.
	Prefix = "fanout-bench-"

	// LockName is a file that stays locked while the process of the folder lives. The kernel
	// releases the lock when the process ends, which shows others that the folder is abandoned.
	LockName = "owner.lock"
)

// A Folder is a temporary folder. It belongs to the user of this process, so that root does
// not trust what another user could replace.
type Folder struct {
	Path string
	lock *os.File
}

// Name returns the name of the folder without its parent.
func (f *Folder) Name() string { return filepath.Base(f.Path) }

// File returns the path of a file in the folder.
func (f *Folder) File(name string) string { return filepath.Join(f.Path, name) }

// HeldBy makes a command and its children hold the lock too.
func (f *Folder) HeldBy(cmd *exec.Cmd) {
	if f.lock != nil {
		cmd.ExtraFiles = append(cmd.ExtraFiles, f.lock)
	}
}

// Remove removes the folder and then its lock. After an error the caller tries again or
// releases the folder. The lock file goes last, so that others recognize the folder if
// removal is interrupted.
func (f *Folder) Remove() error {
	entries, err := os.ReadDir(f.Path)
	for _, e := range entries {
		if e.Name() != LockName {
			err = errors.Join(err, removeAll(f.File(e.Name())))
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

// removeAll is os.RemoveAll, also for folders that nobody may write to, as those of a module cache.
func removeAll(name string) error {
	err := os.RemoveAll(name)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	// What stays closed shows when it is removed.
	_ = filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(name)
}

// Release releases the lock and leaves the folder to others.
func (f *Folder) Release() {
	if f.lock != nil {
		f.lock.Close()
	}
}

//go:build linux || darwin

package tempfolder

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// claim makes the lock file, which gets its name when it is locked. So a folder whose lock
// file nobody holds is never a new one.
func (f *Folder) claim() error {
	unnamed := f.File(LockName + ".new")
	lock, err := os.OpenFile(unnamed, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	f.lock = lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return err
	}
	return os.Rename(unnamed, f.File(LockName))
}

// Abandoned returns the folders in base that killed processes left. The caller removes or
// releases them.
func Abandoned(base string) []*Folder {
	var found []*Folder
	if absolute, err := filepath.Abs(base); err == nil {
		base = absolute // as in New
	}
	entries, _ := os.ReadDir(base)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), Prefix) {
			continue
		}
		if f, ok := adopt(filepath.Join(base, e.Name())); ok {
			found = append(found, f)
		}
	}
	return found
}

// adopt takes over the folder path if its process has died and it belongs to the user of this
// process. Anybody can create such a name in a base folder.
func adopt(path string) (*Folder, bool) {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || info.Sys().(*syscall.Stat_t).Uid != uint32(os.Geteuid()) {
		return nil, false
	}
	lock, err := os.OpenFile(filepath.Join(path, LockName), os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		lock.Close()
		return nil, false
	}
	return &Folder{Path: path, lock: lock}, true
}

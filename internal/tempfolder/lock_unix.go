//go:build linux || darwin

package tempfolder

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// claim makes the lock file. It gets its name only when it is locked: a folder in which
// somebody finds a lock file that nobody holds is never a new one.
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

// adopt takes over the folder path if it is one of ours whose process has died.
// Everybody can make something of that name in a base folder, so it counts only
// if it belongs to the user of this process.
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

//go:build linux || darwin

package postgres

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

const (
	folderPrefix = "fanout-bench-pg-"
	lockName     = "owner.lock"
	dataName     = "data"
	logName      = "log"
	passwordName = "password"
)

// A folder is the temporary folder of a server:
//
//	owner.lock  locked for as long as the process lives that made the folder
//	log         what the server and initdb say
//	data        the data folder and the socket; only the server's user can enter it
//	password    of a server that is reached over TCP, while initdb runs
//
// The kernel lets go of the lock whichever way the process ends, which tells
// others that the folder may be removed. Folder, lock and log belong to the
// user of this process even where the server runs as another one, so that root
// never writes to or trusts what another user could have replaced.
type folder struct {
	path string
	lock *os.File
}

// newFolder makes a folder in base.
func newFolder(base string) (*folder, error) {
	path, err := os.MkdirTemp(base, folderPrefix)
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", oserr.WithoutPath(err))
	}
	f := &folder{path: path}
	if err := f.claim(); err != nil {
		return nil, also(fmt.Errorf("lock the temporary folder: %w", oserr.WithoutPath(err)), f.remove())
	}
	return f, nil
}

// claim makes the lock file. It gets its name only when it is locked: a folder
// in which a sweep finds a lock file that nobody holds is never a new one.
func (f *folder) claim() error {
	unnamed := f.file(lockName + ".new")
	lock, err := os.OpenFile(unnamed, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	f.lock = lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return err
	}
	return os.Rename(unnamed, f.file(lockName))
}

// admit makes the data folder and lets account reach it.
func (f *folder) admit(account account) error {
	if err := os.Mkdir(f.data(), 0o700); err != nil {
		return err
	}
	if account.credential == nil {
		return nil
	}
	if err := os.Chmod(f.path, 0o711); err != nil {
		return err
	}
	if err := os.Chown(f.data(), int(account.credential.Uid), int(account.credential.Gid)); err != nil {
		return err
	}
	// A root without CAP_DAC_OVERRIDE could neither connect nor, once there are
	// files in the folder, remove it.
	_, err := os.ReadDir(f.data())
	return err
}

// adopt takes over the folder path if it is one of ours whose process has died.
// Everybody can make something of that name in a base folder, so it counts only
// if it belongs to the user of this process.
func adopt(path string) (*folder, bool) {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || !ours(info) {
		return nil, false
	}
	lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, false
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		lock.Close()
		return nil, false
	}
	return &folder{path: path, lock: lock}, true
}

func ours(info os.FileInfo) bool {
	return info.Sys().(*syscall.Stat_t).Uid == uint32(os.Geteuid())
}

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }
func (f *folder) data() string            { return f.file(dataName) }
func (f *folder) log() string             { return f.file(logName) }
func (f *folder) password() string        { return f.file(passwordName) }
func (f *folder) owner() string           { return filepath.Base(f.path) }

// remove removes the folder and lets go of its lock. The lock file goes last,
// so that a later sweep recognizes the folder if this is cut short.
func (f *folder) remove() error {
	defer f.release()
	var err error
	// A process that was just killed may still be adding its last file.
	for range 20 {
		err = errors.Join(os.RemoveAll(f.data()), os.RemoveAll(f.log()))
		if err == nil {
			err = os.RemoveAll(f.path)
		}
		if err == nil {
			return nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	return fmt.Errorf("remove the temporary folder: %w", oserr.WithoutPath(err))
}

// release lets go of the lock and leaves the folder to the next sweep.
func (f *folder) release() {
	if f.lock != nil {
		f.lock.Close()
	}
}

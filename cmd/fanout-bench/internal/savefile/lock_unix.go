//go:build linux || darwin

package savefile

import (
	"errors"
	"os"
	"syscall"
)

// lock locks folder until unlock is called. It reports false if another process has locked it, or
// has removed it since. A file system without locks is no reason to write nothing.
func lock(folder string) (unlock func(), ok bool) {
	file, err := os.Open(folder)
	if err != nil {
		return func() {}, true // for example not readable
	}
	unlock = func() { _ = file.Close() }
	if errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK) || !isAt(file, folder) {
		unlock()
		return nil, false
	}
	return unlock, true
}

// isAt reports whether name still leads to file.
func isAt(file *os.File, name string) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(name)
	return err == nil && os.SameFile(opened, now)
}

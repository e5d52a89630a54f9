//go:build linux || darwin

package savefile

import (
	"errors"
	"os"
	"syscall"
)

// lock locks folder until it is closed. It reports false if another process has locked it. A file
// system without locks is no reason to write nothing.
func lock(folder *os.File) bool {
	return !errors.Is(syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

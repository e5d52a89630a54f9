package savefile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// lock locks folder until unlock is called or the process ends. It reports false if another process
// has locked it. Windows locks files only, and a lock file would stay in the repository after a
// crash. So the lock is a named object of the system, which exists while a process has it open.
func lock(folder string) (unlock func(), ok bool) {
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	if absolute, err := filepath.Abs(folder); err == nil {
		folder = absolute
	}
	// The name has no backslashes and at most 260 characters.
	name, err := windows.UTF16PtrFromString(fmt.Sprintf("fanout-bench-%x", sha256.Sum256([]byte(strings.ToLower(folder)))))
	if err != nil {
		return func() {}, true
	}
	object, err := windows.CreateMutex(nil, false, name)
	unlock = func() {
		if object != 0 {
			_ = windows.CloseHandle(object)
		}
	}
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		unlock()
		return nil, false
	}
	return unlock, true
}

package await

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Ended reports whether a process that is not a child of this one has ended. It may remain a
// zombie, which kill still finds, if init reaps nothing, as in some containers.
func Ended(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH)
	}
	text := string(stat)
	state := text[strings.LastIndex(text, ")")+1:] // the name before it may contain any characters
	return strings.HasPrefix(state, " Z") || strings.HasPrefix(state, " X")
}

package await

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Ended reports whether a process that is no child of this one has ended. Nobody may
// be there to reap it, as where the first process of a container reaps nothing, and
// then kill still finds it.
func Ended(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH)
	}
	text := string(stat)
	state := text[strings.LastIndex(text, ")")+1:] // its name, before, may have any characters
	return strings.HasPrefix(state, " Z") || strings.HasPrefix(state, " X")
}

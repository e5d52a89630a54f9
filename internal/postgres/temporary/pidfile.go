//go:build linux || darwin

package temporary

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// postmaster returns the process ID in the pid file of data.
func postmaster(data string) (int, error) {
	lines, err := pidFile(data)
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err == nil && pid <= 1 {
		err = errors.New("not the process ID of a server") // kill takes such numbers for groups of processes
	}
	return pid, err
}

// pidFile returns the complete lines of the pid file in data. The content is not trusted: the
// server's user can write anything there.
func pidFile(data string) ([]string, error) {
	f, err := os.OpenFile(filepath.Join(data, "postmaster.pid"), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 8<<10))
	lines := strings.SplitAfter(string(text), "\n")
	if lines = lines[:len(lines)-1]; err == nil && len(lines) == 0 {
		err = errors.New("the pid file has no complete line")
	}
	return lines, err
}

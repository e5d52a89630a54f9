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

// postmaster returns the process that the pid file in data names.
func postmaster(data string) (int, error) {
	lines, err := pidFile(data)
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err == nil && pid <= 1 {
		err = errors.New("not the number of a server") // as an argument of kill it would mean many
	}
	return pid, err
}

// pidFile returns the lines of the pid file in data, which are not cut off. The folder is
// that of the server's user, who can have put anything there.
func pidFile(data string) ([]string, error) {
	f, err := os.OpenFile(filepath.Join(data, "postmaster.pid"), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 8<<10))
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(string(text), "\n")
	if lines = lines[:len(lines)-1]; len(lines) == 0 {
		return nil, errors.New("it has no line")
	}
	return lines, nil
}

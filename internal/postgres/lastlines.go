//go:build linux || darwin

package postgres

import (
	"io"
	"os"
	"strings"
)

const (
	shownLines = 4
	readBytes  = 4 << 10 // of the end of a log; more than shownLines of them
)

// lastLines returns the last lines of a log in one line. It is empty if there is no log.
func lastLines(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > readBytes {
		_, _ = f.Seek(-readBytes, io.SeekEnd)
	}
	text, _ := io.ReadAll(io.LimitReader(f, readBytes))
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(printable(line)); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-shownLines):], " | ")
}

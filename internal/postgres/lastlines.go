//go:build linux || darwin

package postgres

import (
	"io"
	"os"
	"regexp"
	"strings"
)

const (
	shownLines = 4
	readBytes  = 4 << 10 // of the end of a log; more than shownLines of them
)

// absolutePath matches what follows the start of a line, a blank, a quote or a
// sign that a path can stand behind.
var absolutePath = regexp.MustCompile(`(^|[\s"'(=:])/[^\s"'),;]+`)

// lastLines returns the last lines of a log in one line, without absolute
// paths. It is empty if there is no log.
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
			lines = append(lines, absolutePath.ReplaceAllString(line, "$1<path>"))
		}
	}
	return strings.Join(lines[max(0, len(lines)-shownLines):], " | ")
}

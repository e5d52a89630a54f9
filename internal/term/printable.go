package term

import (
	"fmt"
	"strings"
	"unicode"
)

// Printable returns s, which may come from the program under test, as one line that is safe in a
// terminal and a CI log: it collapses blanks, escapes invisible characters and CI commands, and
// cuts s to width columns. Width 0 means uncut.
func Printable(s string, width int) string {
	var b strings.Builder
	for i, word := range strings.Fields(s) {
		if i > 0 {
			b.WriteByte(' ')
		}
		for _, r := range word {
			if unicode.IsPrint(r) {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "<U+%04X>", r)
			}
		}
	}
	text := inert(b.String())
	if width == 0 {
		return text
	}
	return Truncate(text, width)
}

// inert escapes the commands that GitHub's runner finds in the output of a step: "::" at the start
// of a line, and "##[" anywhere.
func inert(s string) string {
	if strings.HasPrefix(s, "::") || s == ":" { // another may follow
		s = "<U+003A>" + s[1:]
	}
	return strings.ReplaceAll(s, "##[", "<U+0023>#[")
}

// PrintableLines is [Printable], uncut, for each line of text.
func PrintableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		lines[i] = indent + Printable(line, 0)
	}
	return strings.Join(lines, "\n")
}

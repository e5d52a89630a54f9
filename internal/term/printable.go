package term

import (
	"fmt"
	"strings"
	"unicode"
)

// Printable returns s, which may come from the program under test, as one line
// that a terminal shows and does not obey: blanks collapsed, whatever is not
// visible (escapes, bidirectional controls) or commands a CI log written out, and
// cut to width columns. Width 0 means uncut.
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

// inert keeps GitHub's runner, which reads what a step prints, from finding a
// command in s: it obeys "::" at the start of a line, and "##[" anywhere.
func inert(s string) string {
	if strings.HasPrefix(s, "::") || s == ":" { // our text may go on with another
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

package term

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Maximum widths of names from the program under test.
const (
	// NameWidth is for a version or a scenario.
	NameWidth = 32
	// StatementWidth is for a statement, whose name is never longer, or a check.
	StatementWidth = 84
	// OutcomeWidth is for an outcome beside a count.
	OutcomeWidth = 8
	// LongWidth is for places with more room, such as Markdown.
	LongWidth = 200
)

// cut marks where text was cut.
const cut = "…"

// color matches what a [Style] adds to text.
var color = regexp.MustCompile("\x1b\\[[0-9]*m")

// Width returns how many columns text takes, without its colors.
func Width(text string) int {
	columns := 0
	for _, r := range color.ReplaceAllString(text, "") {
		columns += columnsOf(r)
	}
	return columns
}

func columnsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// hash matches the end of a long statement's name, see tracer.StatementName.
var hash = regexp.MustCompile(` #[0-9a-f]{7}$`)

// Truncate cuts the end of text, which has no colors, to columns. It keeps the hash of a statement
// if that fits.
func Truncate(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	if tail := hash.FindString(text); columns > 2*len(tail) {
		return truncated(strings.TrimSuffix(text, tail), columns-len(tail)) + tail
	}
	return truncated(text, columns)
}

func truncated(text string, columns int) string {
	room := columns - Width(cut)
	for i, r := range text {
		if room -= columnsOf(r); room < 0 {
			return text[:i] + cut
		}
	}
	return cut
}

// TruncateStart cuts the start of text, which has no colors, to columns.
func TruncateStart(text string, columns int) string {
	over := Width(text) - columns
	if over <= 0 {
		return text
	}
	over += Width(cut)
	for i, r := range text {
		if over <= 0 && columnsOf(r) > 0 { // a combining rune stays with the one before it
			return cut + text[i:]
		}
		over -= columnsOf(r)
	}
	return cut
}

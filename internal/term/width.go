package term

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Where names from the program under test are cut.
const (
	// NameWidth is for the name of a version or a scenario.
	NameWidth = 32
	// StatementWidth is for the name of a statement, which takes no more and ends in what tells it
	// from others; a check's is the application's.
	StatementWidth = 84
	// OutcomeWidth is for an outcome beside a count.
	OutcomeWidth = 8
	// LongWidth is for what has room, as in Markdown.
	LongWidth = 200
)

// cut is what stands where text was cut.
const cut = "…"

// color is what a [Style] adds to text.
var color = regexp.MustCompile("\x1b\\[[0-9]*m")

// Width returns how many columns of a terminal text takes, whatever its colors are.
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

// hash is what the name of a long statement ends in, see tracer.StatementName.
var hash = regexp.MustCompile(` #[0-9a-f]{7}$`)

// Truncate cuts the end of text, which has no colors, to so many columns. What tells the name of
// a statement from others stays where there is room for more.
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

// TruncateStart cuts the beginning of text, which has no colors, to so many columns.
func TruncateStart(text string, columns int) string {
	over := Width(text) - columns
	if over <= 0 {
		return text
	}
	over += Width(cut)
	for i, r := range text {
		if over <= 0 && columnsOf(r) > 0 { // what joins with the rune before goes with it
			return cut + text[i:]
		}
		over -= columnsOf(r)
	}
	return cut
}

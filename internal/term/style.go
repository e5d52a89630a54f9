// Package term writes text for a terminal: colors, and names from the program under test without
// control characters.
package term

import "cmp"

// A Style colors words for a terminal. The zero value does not. Colors never carry information that
// the words lack.
type Style struct {
	Color   bool
	Columns int // of the terminal; 0 is 80
}

// Room returns how many columns a line may have.
func (s Style) Room() int { return cmp.Or(s.Columns, 80) }

// The colors of a [Style].
const (
	Bold  = "1"
	Red   = "31"
	Green = "32"
	Faint = "2"

	// Reset ends a color.
	Reset = "\x1b[0m"
)

// Paint returns text in a color, or unchanged if code is empty.
func (s Style) Paint(code, text string) string {
	if !s.Color || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + Reset
}

// Shade returns the color of a cost that changed by difference.
func Shade(difference int) string {
	switch {
	case difference > 0:
		return Red
	case difference < 0:
		return Green
	default:
		return Faint
	}
}

// Package term writes text that people read in a terminal: tables, colors, and names from
// the program under test, which a terminal is to show and not to obey.
package term

import "cmp"

// A Style colors words for a terminal. The zero value leaves them plain; color
// never says what the words do not.
type Style struct {
	Color   bool
	Columns int // of the terminal; 0 is 80
}

// Room is how many columns a line may have.
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

// Paint returns text in a color. No code leaves it as it is.
func (s Style) Paint(code, text string) string {
	if !s.Color || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + Reset
}

// Shade is the color of a cost that changed by difference.
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

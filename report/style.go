package report

// A Style colors words for a terminal. The zero value leaves them plain; color
// never says what the words do not.
type Style struct{ Color bool }

const (
	bold  = "1"
	red   = "31"
	green = "32"
	faint = "2"

	reset = "\x1b[0m"
)

func (s Style) paint(code, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + reset
}

// tint is paint, unless there is no code.
func (s Style) tint(code, text string) string {
	if code == "" {
		return text
	}
	return s.paint(code, text)
}

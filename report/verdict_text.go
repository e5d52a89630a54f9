package report

import (
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// markOf is v, in capitals where it is bad news: without color too it must stand
// out.
func markOf(s term.Style, v Verdict) string {
	text := string(v)
	if v == Worse {
		text = strings.ToUpper(text)
	}
	return s.Paint(shade(v), text)
}

// shade is the color of what v is about.
func shade(v Verdict) string {
	switch v {
	case Worse:
		return term.Red
	case Better:
		return term.Green
	default:
		return term.Faint
	}
}

// mark is the verdict in a word or two.
func (f Finding) mark(style term.Style) string {
	switch {
	case f.Verdict == NotCompared:
		return style.Paint(term.Red, "OUTCOME")
	case f.Verdict == Same && len(f.Allowed) > 0:
		return style.Paint(term.Faint, "allowed")
	case f.Verdict == Same && len(f.unjudged) > 0:
		return style.Paint(term.Faint, "not judged")
	case f.Verdict == Same:
		return style.Paint(term.Faint, "other mix")
	default:
		return markOf(style, f.Verdict)
	}
}

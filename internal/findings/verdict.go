package findings

import (
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// Word returns v, in capitals if it is bad, so that it stands out without color.
func Word(s term.Style, v report.Verdict) string {
	text := string(v)
	if v == report.Worse {
		text = strings.ToUpper(text)
	}
	return s.Paint(Shade(v), text)
}

// Shade returns the color for v.
func Shade(v report.Verdict) string {
	switch v {
	case report.Worse:
		return term.Red
	case report.Better:
		return term.Green
	default:
		return term.Faint
	}
}

// Mark returns the verdict in a few words.
func Mark(f Finding, style term.Style) string {
	switch {
	case f.Verdict == report.NotCompared, f.Failure != "":
		return style.Paint(term.Red, "OUTCOME")
	case f.Verdict == report.Same && len(f.Allowed) > 0:
		return style.Paint(term.Faint, "allowed")
	case f.Verdict == report.Same && len(f.Unjudged) > 0:
		return style.Paint(term.Faint, "not judged")
	case f.Verdict == report.Same:
		return style.Paint(term.Faint, "same totals, different queries")
	default:
		return Word(style, f.Verdict)
	}
}

package report

import "strings"

// verdict is v, in capitals where it is bad news: without color too it must stand
// out.
func (s Style) verdict(v Verdict) string {
	text := string(v)
	if v == Worse {
		text = strings.ToUpper(text)
	}
	return s.paint(shade(v), text)
}

// shade is the color of what v is about.
func shade(v Verdict) string {
	switch v {
	case Worse:
		return red
	case Better:
		return green
	default:
		return faint
	}
}

// mark is the verdict in a word or two.
func (f Finding) mark(style Style) string {
	switch {
	case f.Verdict == NotCompared:
		return style.paint(red, "OUTCOME")
	case f.Verdict == Same && len(f.Allowed) > 0:
		return style.paint(faint, "allowed")
	case f.Verdict == Same && len(f.unjudged) > 0:
		return style.paint(faint, "not judged")
	case f.Verdict == Same:
		return style.paint(faint, "other mix")
	default:
		return style.verdict(f.Verdict)
	}
}

package report

import (
	"fmt"
	"io"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// maxParts is how many differences are put into words: the tree has them all.
const maxParts = 2

// essence names the largest of the differences.
func (d TreeDiff) essence(w io.Writer, style term.Style) error {
	if d.Same() {
		fmt.Fprint(w, "\nBoth ask for the same.\n")
	}
	for i, p := range d.parts() {
		if i == 0 {
			fmt.Fprintln(w)
		}
		if i < maxParts {
			fmt.Fprintln(w, p.summary(style))
		}
	}
	return legend(w, style, d.BaseCost, d.HeadCost)
}

// summary is "New: jobOfAgent at agentauth/rc_3.go:20, 14 SQL (9 avoidable), 4 RBAC".
func (d *NodeDiff) summary(style term.Style) string {
	n := d.node()
	text := term.Printable(n.title(), siteWidth)
	if n.Site != "" {
		text += " at " + shortSite(n.Site)
	}
	switch {
	case d.New():
		return style.Paint(term.Red, "New") + ": " + text + ", " + d.HeadCost.sentence(term.Style{})
	case d.Gone():
		return style.Paint(term.Green, "Gone") + ": " + text + ", " + d.BaseCost.sentence(term.Style{})
	default:
		word := style.Paint(term.Green, "Less often")
		if d.Head.Count > d.Base.Count {
			word = style.Paint(term.Red, "More often")
		}
		return word + ": " + text + "," + d.counts()
	}
}

package tree

import (
	"fmt"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// maxParts is how many differences follow the tree, which has all.
const maxParts = 2

// essence names the largest differences.
func essence(d calltree.Diff, style term.Style) string {
	if d.Same() {
		return "\nBoth run the same queries and checks.\n"
	}
	text := ""
	for i, p := range d.Parts() {
		if i == 0 {
			text += "\n"
		}
		if i < maxParts {
			text += summary(p, style) + "\n"
		}
	}
	return text
}

// summary returns "New: jobOfAgent at agentauth/rc_3.go:20, 14 SQL (9 repeated), 4 RBAC".
func summary(d *calltree.NodeDiff, style term.Style) string {
	n := d.Node()
	text := term.Printable(Title(n), term.StatementWidth)
	if n.Site != "" {
		text += " at " + Site(n.Site)
	}
	switch {
	case d.New():
		return style.Paint(term.Red, "New") + ": " + text + ", " + sentence(d.HeadCost, term.Style{})
	case d.Gone():
		return style.Paint(term.Green, "Gone") + ": " + text + ", " + sentence(d.BaseCost, term.Style{})
	default:
		word := style.Paint(term.Green, "Less often")
		if d.Head.Count > d.Base.Count {
			word = style.Paint(term.Red, "More often")
		}
		return word + ": " + text + "," + counts(d)
	}
}

// counts returns " ×2 → ×4", or " ×2" if both are equal.
func counts(d *calltree.NodeDiff) string {
	if d.New() || d.Gone() || d.Base.Count == d.Head.Count {
		return repeated(d.Node().Count)
	}
	return fmt.Sprintf(" ×%d → ×%d", d.Base.Count, d.Head.Count)
}

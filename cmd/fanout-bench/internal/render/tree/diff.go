package tree

import (
	"cmp"
	"fmt"
	"unicode"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// DiffText returns the difference for a terminal of 100 columns as one tree: the tree of the head,
// with removed nodes at their old place. The last lines name the largest additions and removals.
func DiffText(d calltree.Diff, style term.Style) string {
	text := diffTitle(d, style) + "\n" + layOut(style, linesOf(d.Roots, diffLine))
	if len(d.Roots) > 0 {
		text += essence(d, style)
	}
	return text + legend(style, d.BaseCost, d.HeadCost)
}

// diffTitle returns "agents/2, v1 → v2: 13 → 26 SQL, 5 → 9 RBAC".
func diffTitle(d calltree.Diff, style term.Style) string {
	b, h := d.BaseCost, d.HeadCost
	versions := term.Printable(d.Head.Version, term.NameWidth)
	if d.Base.Version != d.Head.Version {
		versions = term.Printable(d.Base.Version, term.NameWidth) + " → " + versions
	}
	text := fmt.Sprintf("%s, %s: %s SQL, %s RBAC",
		style.Paint(term.Bold, term.Printable(fmt.Sprintf("%s/%d", d.Head.Scenario, d.Head.N), term.NameWidth)), versions,
		style.Paint(term.Shade(h.SQL-b.SQL), term.Change(b.SQL, h.SQL)),
		style.Paint(term.Shade(h.RBAC-b.RBAC), term.Change(b.RBAC, h.RBAC)))
	if d.BaseOutcome != d.HeadOutcome {
		text += fmt.Sprintf("; the outcomes differ: %s → %s", term.Printable(d.BaseOutcome, term.NameWidth), term.Printable(d.HeadOutcome, term.NameWidth))
	}
	return text
}

// diffLine returns the line of d, and the nodes below it.
func diffLine(d *calltree.NodeDiff) (treeLine, []*calltree.NodeDiff) {
	line := treeLine{sign: " ", label: []string{Label(d)}}
	line.columns[siteColumn] = Site(d.Node().Site)
	for diffJoins(d) {
		d = d.Children[0]
		line.label = append(line.label, Label(d))
		line.columns[siteColumn] = cmp.Or(line.columns[siteColumn], Site(d.Node().Site))
	}
	line.mark = counts(d)
	line.columns[sqlColumn] = numbers(d, d.BaseCost.SQL, d.HeadCost.SQL)
	line.columns[rbacColumn] = numbers(d, d.BaseCost.RBAC, d.HeadCost.RBAC)
	line.columns[repeatedColumn] = shares(d)
	line.colors = [columns]string{
		sqlColumn:      term.Shade(d.HeadCost.SQL - d.BaseCost.SQL),
		rbacColumn:     term.Shade(d.HeadCost.RBAC - d.BaseCost.RBAC),
		repeatedColumn: term.Shade(d.HeadCost.Repeated() - d.BaseCost.Repeated()),
		siteColumn:     term.Faint,
	}
	switch {
	case d.New():
		line.sign, line.color = "+", term.Red
	case d.Gone():
		line.sign, line.color = "-", term.Green
	case d.Same():
		line.color = term.Faint
	}
	switch {
	case len(d.Children) == 0:
	case d.Same():
		line.mark += " (same)"
		return line, nil
	case diffAgain(d):
		line.mark += " (again)"
		return line, nil
	}
	return line, d.Children
}

// diffJoins reports whether d shares its line with its only child, which has the same sign.
func diffJoins(d *calltree.NodeDiff) bool {
	if d.Node().Kind != calltree.Call || len(d.Children) != 1 || d.Same() || diffAgain(d) {
		return false
	}
	child := d.Children[0]
	return child.New() == d.New() && child.Gone() == d.Gone()
}

// diffAgain reports whether d is entirely new or gone, and folded.
func diffAgain(d *calltree.NodeDiff) bool {
	return (d.WhollyNew() || d.WhollyGone()) && folds(d.Node())
}

// Label returns the title of the node, with its name in the base if that differs.
func Label(d *calltree.NodeDiff) string {
	if d.Renamed() {
		// An arrow would read as a call.
		return fmt.Sprintf("%s (was %s)", Title(d.Head), unlike(Title(d.Base), Title(d.Head)))
	}
	return Title(d.Node())
}

// unlike returns name without the words that it shares with the start of other: "…RC2" beside
// "authenticateRC3".
func unlike(name, other string) string {
	runes, others := []rune(name), []rune(other)
	word := 0
	for i := 1; i < min(len(runes), len(others)) && runes[i-1] == others[i-1]; i++ {
		if unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1]) {
			word = i
		}
	}
	if word == 0 {
		return name
	}
	return "…" + string(runes[word:])
}

// numbers returns "+3" for a new node, "-3" for a removed one, "2 → 3" for a changed one.
func numbers(d *calltree.NodeDiff, base, head int) string {
	switch {
	case base == 0 && head == 0:
		return ""
	case d.WhollyNew():
		return fmt.Sprintf("+%d", head)
	case d.WhollyGone():
		return fmt.Sprintf("-%d", base)
	default:
		return term.Change(base, head)
	}
}

func shares(d *calltree.NodeDiff) string {
	base, head := share(d.BaseCost), share(d.HeadCost)
	switch {
	case d.WhollyNew() || base == head:
		return head
	case d.WhollyGone():
		return base
	default:
		return cmp.Or(base, "0") + " → " + cmp.Or(head, "0")
	}
}

package tree

import (
	"cmp"
	"fmt"
	"io"
	"unicode"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// WriteDiff writes the difference for a terminal of 100 columns as one tree: the tree of the head,
// with removed nodes at their old place. The last lines name the largest additions and removals.
func WriteDiff(w io.Writer, d calltree.Diff, style term.Style) error {
	fmt.Fprintln(w, diffTitle(d, style))
	if len(d.Roots) == 0 {
		_, err := fmt.Fprintln(w, nothingReached)
		return err
	}
	fmt.Fprintln(w)
	var lines []treeLine
	for _, root := range d.Roots {
		lines = diffLines(lines, root, "", "")
	}
	if err := writeTree(w, style, lines); err != nil {
		return err
	}
	return essence(w, d, style)
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

// diffLines appends the line of d, which begins with first, and those below it, with rest.
func diffLines(lines []treeLine, d *calltree.NodeDiff, first, rest string) []treeLine {
	line := treeLine{sign: " ", rails: first, label: []string{Label(d)}}
	line.columns[siteColumn] = Site(d.Node().Site)
	for diffJoins(d) {
		d = d.Children[0]
		line.label = append(line.label, Label(d))
		line.columns[siteColumn] = cmp.Or(line.columns[siteColumn], Site(d.Node().Site))
	}
	folded := len(d.Children) > 0
	line.mark = counts(d)
	switch {
	case folded && d.Same():
		line.mark += " (same)"
	case folded && diffAgain(d):
		line.mark += " (again)"
	default:
		folded = false
	}
	line.columns[sqlColumn] = numbers(d, d.BaseCost.SQL, d.HeadCost.SQL)
	line.columns[rbacColumn] = numbers(d, d.BaseCost.RBAC, d.HeadCost.RBAC)
	line.columns[repeatedColumn] = shares(d)
	line.codes.columns = [columns]string{
		sqlColumn:      term.Shade(d.HeadCost.SQL - d.BaseCost.SQL),
		rbacColumn:     term.Shade(d.HeadCost.RBAC - d.BaseCost.RBAC),
		repeatedColumn: term.Shade(d.HeadCost.Repeated() - d.BaseCost.Repeated()),
		siteColumn:     term.Faint,
	}
	switch {
	case d.New():
		line.sign, line.codes.label = "+", term.Red
	case d.Gone():
		line.sign, line.codes.label = "-", term.Green
	case d.Same():
		line.codes.label = term.Faint
	}
	lines = append(lines, line)
	if folded {
		return lines
	}
	for i, child := range d.Children {
		branch, below := branches(i == len(d.Children)-1)
		lines = diffLines(lines, child, rest+branch, rest+below)
	}
	return lines
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

package report

import (
	"cmp"
	"fmt"
	"io"
	"unicode"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Text writes the difference for a terminal of 100 columns as one tree: that of the
// head, and what is gone where it was. The last lines name the largest of what is
// new and of what is gone.
func (d TreeDiff) Text(w io.Writer, style term.Style) error {
	fmt.Fprintln(w, d.title(style))
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
	return d.essence(w, style)
}

// title is "agents/2, v1 → v2: 13 → 26 SQL, 5 → 9 RBAC".
func (d TreeDiff) title(style term.Style) string {
	b, h := d.BaseCost, d.HeadCost
	text := fmt.Sprintf("%s, %s → %s: %s SQL, %s RBAC",
		style.Paint(term.Bold, term.Printable(fmt.Sprintf("%s/%d", d.Head.Scenario, d.Head.N), term.NameWidth)),
		term.Printable(d.Base.Version, term.NameWidth), term.Printable(d.Head.Version, term.NameWidth),
		style.Paint(term.Shade(h.SQL-b.SQL), term.Change(b.SQL, h.SQL)),
		style.Paint(term.Shade(h.RBAC-b.RBAC), term.Change(b.RBAC, h.RBAC)))
	if d.BaseOutcome != d.HeadOutcome {
		text += fmt.Sprintf("; the outcomes differ: %s → %s", term.Printable(d.BaseOutcome, term.NameWidth), term.Printable(d.HeadOutcome, term.NameWidth))
	}
	return text
}

// diffLines appends d, whose line begins with first, and what is below it, whose
// lines begin with rest.
func diffLines(lines []treeLine, d *NodeDiff, first, rest string) []treeLine {
	line := treeLine{sign: " ", rails: first, label: []string{d.label()}}
	line.columns[siteColumn] = shortSite(d.node().Site)
	for d.joins() {
		d = d.Children[0]
		line.label = append(line.label, d.label())
		line.columns[siteColumn] = cmp.Or(line.columns[siteColumn], shortSite(d.node().Site))
	}
	folded := len(d.Children) > 0
	line.mark = d.counts()
	switch {
	case folded && d.Same():
		line.mark += " (same)"
	case folded && d.again():
		line.mark += " (again)"
	default:
		folded = false
	}
	line.columns[sqlColumn] = d.number(d.BaseCost.SQL, d.HeadCost.SQL)
	line.columns[rbacColumn] = d.number(d.BaseCost.RBAC, d.HeadCost.RBAC)
	line.columns[avoidableColumn] = d.shares()
	line.codes.columns = [columns]string{
		sqlColumn:       term.Shade(d.HeadCost.SQL - d.BaseCost.SQL),
		rbacColumn:      term.Shade(d.HeadCost.RBAC - d.BaseCost.RBAC),
		avoidableColumn: term.Shade(d.HeadCost.avoidable() - d.BaseCost.avoidable()),
		siteColumn:      term.Faint,
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

// joins reports whether d is shown on one line with its only child, which has the
// same sign then.
func (d *NodeDiff) joins() bool {
	if d.node().Kind != Call || len(d.Children) != 1 || d.Same() || d.again() {
		return false
	}
	child := d.Children[0]
	return child.New() == d.New() && child.Gone() == d.Gone()
}

// again reports whether d is wholly new or gone, and is folded there.
func (d *NodeDiff) again() bool { return (d.WhollyNew() || d.WhollyGone()) && d.node().folds() }

func (d *NodeDiff) label() string {
	if d.Renamed() {
		// An arrow would read as a call.
		return fmt.Sprintf("%s (was %s)", d.Head.title(), unlike(d.Base.title(), d.Head.title()))
	}
	return d.node().title()
}

// counts is " ×2 → ×4", or how often both happen.
func (d *NodeDiff) counts() string {
	if d.New() || d.Gone() || d.Base.Count == d.Head.Count {
		return repeated(d.node().Count)
	}
	return fmt.Sprintf(" ×%d → ×%d", d.Base.Count, d.Head.Count)
}

// unlike is name without the words it begins with as other does: "…RC2" beside
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

// number is "+3" and "-3" for what is new and gone, "2 → 3" for what changed.
func (d *NodeDiff) number(base, head int) string {
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

func (d *NodeDiff) shares() string {
	base, head := d.BaseCost.share(), d.HeadCost.share()
	switch {
	case d.WhollyNew() || base == head:
		return head
	case d.WhollyGone():
		return base
	default:
		return cmp.Or(base, "0") + " → " + cmp.Or(head, "0")
	}
}

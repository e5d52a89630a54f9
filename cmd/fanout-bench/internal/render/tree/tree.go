// Package tree renders call trees, and differences of them, as text.
package tree

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const nothingReached = "Nothing reached the database or the authorization layer."

// Write writes the tree for a terminal of 100 columns: where each function was
// called and each event asked for, what it cost, and how much of that was avoidable.
func Write(w io.Writer, t calltree.Tree, style term.Style) error {
	fmt.Fprintf(w, "%s: %s, %s\n", style.Paint(term.Bold, term.Printable(t.Cell.String(), 2*term.NameWidth)), term.Printable(t.Outcome, term.NameWidth), sentence(t.Cost, style))
	if len(t.Roots) == 0 {
		_, err := fmt.Fprintln(w, nothingReached)
		return err
	}
	fmt.Fprintln(w)
	var lines []treeLine
	for _, root := range t.Roots {
		lines = treeLines(lines, root, "", "")
	}
	if err := writeTree(w, style, lines); err != nil {
		return err
	}
	return legend(w, style, t.Cost)
}

// treeLines appends n, whose line begins with first, and what is below it, whose
// lines begin with rest.
func treeLines(lines []treeLine, n *calltree.Node, first, rest string) []treeLine {
	line := treeLine{rails: first, label: []string{Title(n)}}
	line.columns[siteColumn] = Site(n.Site)
	for joins(n) {
		n = n.Children[0]
		line.label = append(line.label, Title(n))
		line.columns[siteColumn] = cmp.Or(line.columns[siteColumn], Site(n.Site))
	}
	line.mark = repeated(n.Count)
	if folds(n) {
		line.mark += " (again)"
		line.codes.label = term.Red
	}
	line.columns[sqlColumn] = number(n.Cost.SQL)
	line.columns[rbacColumn] = number(n.Cost.RBAC)
	line.columns[avoidableColumn] = share(n.Cost)
	line.codes.columns = [columns]string{avoidableColumn: term.Red, siteColumn: term.Faint}
	lines = append(lines, line)
	if folds(n) {
		return lines
	}
	for i, child := range n.Children {
		branch, below := branches(i == len(n.Children)-1)
		lines = treeLines(lines, child, rest+branch, rest+below)
	}
	return lines
}

// joins reports whether n is shown on one line with its only child.
func joins(n *calltree.Node) bool {
	return n.Kind == calltree.Call && len(n.Children) == 1 && !folds(n)
}

// folds reports whether what is below n is left out: it was shown before. A single
// event is as short.
func folds(n *calltree.Node) bool { return n.Again && n.Leaves() > 1 }

// Title is "List", "query GetUser" or "check read user".
func Title(n *calltree.Node) string {
	name := term.Printable(n.Name, treeWidth)
	if n.Kind == calltree.Call {
		return name
	}
	return strings.TrimSpace(string(n.Kind) + " " + name)
}

// repeated is " ×3", and nothing for what happened once.
func repeated(n int) string {
	if n <= 1 {
		return ""
	}
	return fmt.Sprintf(" ×%d", n)
}

// number is n, and nothing for 0: most lines are about one column.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// share is how much of the cost is avoidable: "2", "all" or nothing.
func share(c calltree.Cost) string {
	if c.Avoidable() > 0 && c.Avoidable() == c.Total() {
		return "all"
	}
	return number(c.Avoidable())
}

// sentence is "26 SQL (9 avoidable), 9 RBAC".
func sentence(c calltree.Cost, style term.Style) string {
	part := func(n, avoidable int, m tracer.Metric) string {
		text := fmt.Sprintf("%d %s", n, strings.ToUpper(string(m)))
		switch avoidable {
		case 0:
			return text
		case n:
			return text + " (" + style.Paint(term.Red, "all avoidable") + ")"
		default:
			return text + " (" + style.Paint(term.Red, fmt.Sprintf("%d avoidable", avoidable)) + ")"
		}
	}
	return part(c.SQL, c.SQLAvoidable, tracer.SQL) + ", " + part(c.RBAC, c.RBACAvoidable, tracer.RBAC)
}

// legend explains the word avoidable, if it was used.
func legend(w io.Writer, style term.Style, costs ...calltree.Cost) error {
	if !slices.ContainsFunc(costs, func(c calltree.Cost) bool { return c.Avoidable() > 0 }) {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%s\n", style.Paint(term.Faint, "Avoidable: the same as an earlier one, with equal arguments."))
	return err
}

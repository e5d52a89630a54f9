// Package tree renders call trees and their differences as text.
package tree

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Text returns the tree for a terminal of 100 columns: the call site of each function and event,
// its cost, and how much of that was repeated.
func Text(t calltree.Tree, style term.Style) string {
	title := fmt.Sprintf("%s: %s, %s\n", style.Paint(term.Bold, term.Printable(t.Cell.String(), 2*term.NameWidth)), term.Printable(t.Outcome, term.NameWidth), sentence(t.Cost, style))
	return title + layOut(style, linesOf(t.Roots, nodeLine)) + legend(style, t.Cost)
}

// nodeLine returns the line of n, and the nodes below it.
func nodeLine(n *calltree.Node) (treeLine, []*calltree.Node) {
	line := treeLine{label: []string{Title(n)}}
	line.columns[siteColumn] = Site(n.Site)
	for joins(n) {
		n = n.Children[0]
		line.label = append(line.label, Title(n))
		line.columns[siteColumn] = cmp.Or(line.columns[siteColumn], Site(n.Site))
	}
	line.mark = repeated(n.Count)
	line.columns[sqlColumn] = number(n.Cost.SQL)
	line.columns[rbacColumn] = number(n.Cost.RBAC)
	line.columns[repeatedColumn] = share(n.Cost)
	line.colors = [columns]string{repeatedColumn: term.Red, siteColumn: term.Faint}
	if folds(n) {
		line.mark += " (again)"
		line.color = term.Red
		return line, nil
	}
	return line, n.Children
}

// joins reports whether n shares its line with its only child.
func joins(n *calltree.Node) bool {
	return n.Kind == calltree.Call && len(n.Children) == 1 && !folds(n)
}

// folds reports whether the nodes below n are left out because they were shown before. A single
// event is as short.
func folds(n *calltree.Node) bool { return n.Again && n.Leaves() > 1 }

// Title returns "List", "query GetUser" or "check read user".
func Title(n *calltree.Node) string {
	name := term.Printable(n.Name, treeWidth)
	if n.Kind == calltree.Call {
		return name
	}
	return strings.TrimSpace(string(n.Kind) + " " + name)
}

// repeated returns " ×3", or "" for 1.
func repeated(n int) string {
	if n <= 1 {
		return ""
	}
	return fmt.Sprintf(" ×%d", n)
}

// number returns n, or "" for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// share returns the repeated part of the cost: "2", "all" or "".
func share(c calltree.Cost) string {
	if c.Repeated() > 0 && c.Repeated() == c.Total() {
		return "all"
	}
	return number(c.Repeated())
}

// sentence returns "26 SQL (9 repeated), 9 RBAC".
func sentence(c calltree.Cost, style term.Style) string {
	part := func(n int, what string, repeated int) string {
		text := fmt.Sprintf("%d %s", n, what)
		switch repeated {
		case 0:
			return text
		case n:
			return text + " (" + style.Paint(term.Red, "all repeated") + ")"
		default:
			return text + " (" + style.Paint(term.Red, fmt.Sprintf("%d repeated", repeated)) + ")"
		}
	}
	return part(c.SQL, "SQL", c.SQLRepeated) + ", " + part(c.RBAC, "RBAC", c.RBACRepeated)
}

// legend explains the word repeated if it occurs.
func legend(style term.Style, costs ...calltree.Cost) string {
	if !slices.ContainsFunc(costs, func(c calltree.Cost) bool { return c.Repeated() > 0 }) {
		return ""
	}
	return "\n" + style.Paint(term.Faint, "Repeated: equal to an earlier one, with nothing written in between.") + "\n"
}

// Package tree renders call trees and their differences as text.
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

// Write writes the tree for a terminal of 100 columns: the call site of each function and event,
// its cost, and how much of that was repeated.
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

// treeLines appends the line of n, which begins with first, and those below it, with rest.
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
	line.columns[repeatedColumn] = share(n.Cost)
	line.codes.columns = [columns]string{repeatedColumn: term.Red, siteColumn: term.Faint}
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
	part := func(n, repeated int, m tracer.Metric) string {
		text := fmt.Sprintf("%d %s", n, strings.ToUpper(string(m)))
		switch repeated {
		case 0:
			return text
		case n:
			return text + " (" + style.Paint(term.Red, "all repeated") + ")"
		default:
			return text + " (" + style.Paint(term.Red, fmt.Sprintf("%d repeated", repeated)) + ")"
		}
	}
	return part(c.SQL, c.SQLRepeated, tracer.SQL) + ", " + part(c.RBAC, c.RBACRepeated, tracer.RBAC)
}

// legend explains the word repeated if it occurs.
func legend(w io.Writer, style term.Style, costs ...calltree.Cost) error {
	if !slices.ContainsFunc(costs, func(c calltree.Cost) bool { return c.Repeated() > 0 }) {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%s\n", style.Paint(term.Faint, "Repeated: equal to an earlier one, with nothing written in between."))
	return err
}

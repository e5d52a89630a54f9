package page

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/tree"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// tree returns the call tree of a series, or where the page has one that shows the same.
// Scenarios that differ in their data only have the same trees.
func (x *contents) tree(s report.Series) (pageTree, bool) {
	tree, ok := x.grown(s)
	if !ok {
		return tree, false
	}
	key := treeKey{s.Scenario, s.Version, s.Outcome}
	tree.ID = fmt.Sprintf("tree-%d", len(x.ids)+1)
	shows := fmt.Sprint(tree.Roots, tree.Text)
	if same, known := x.seen[shows]; known {
		tree.ID, tree.Same, tree.Roots, tree.Text = same.ID, &same, nil, ""
	} else {
		x.seen[shows] = tree
	}
	x.ids[key] = tree.ID
	return tree, true
}

// grown returns the call tree of a series: beside that of what it is set against, if there
// is such a tree at the same N.
func (x *contents) grown(s report.Series) (pageTree, bool) {
	var ns []int
	for _, p := range s.Metrics[tracer.SQL].Points {
		ns = append(ns, p.N)
	}
	if s.Metrics[tracer.SQL].Law.Shape == report.Unknown && len(ns) > 2 {
		ns = ns[len(ns)-1:] // what races has no law
	}
	head, ok := calltree.Grow(x.HeadTrees, s.Scenario, s.Version, ns)
	if !ok || len(head.Roots) == 0 {
		return pageTree{}, false
	}
	tree := pageTree{Scenario: term.Printable(s.Scenario, 0), Head: x.NameOf(s), Checks: x.checks, Outcome: term.Printable(s.Outcome, 2*term.NameWidth)}
	base, ok := calltree.Grow(x.BaseTrees, s.Scenario, s.Version, ns)
	switch {
	case !ok:
		tree.Now, base = tree.Head, head
	case x.Reference != "":
		tree.Now, tree.Base = tree.Head, term.Printable(x.Against, term.NameWidth)
	default:
		tree.Now, tree.Base = "now", "baseline"
	}
	if base.Outcome != head.Outcome {
		tree.Outcome = term.Printable(base.Outcome+" → "+head.Outcome, 2*term.NameWidth)
	}
	same := ok && x.Judges()
	for _, root := range view.DiffGrown(base, head) {
		same = same && root.SameAtEachN()
		tree.Roots = append(tree.Roots, newNode(root, ok, ok && x.Reference != ""))
	}
	if same { // text is much less work for a browser, and there may be thousands
		var b strings.Builder
		writeNodes(&b, tree.Roots, "")
		tree.Text, tree.Roots = b.String(), nil
	}
	return tree, true
}

func writeNodes(b *strings.Builder, nodes []pageNode, indent string) {
	for _, n := range nodes {
		b.WriteString(strings.TrimRight(indent+n.Label+" "+n.Mark, " "))
		for _, cost := range []struct{ what, growth string }{{"SQL", n.SQL}, {"RBAC", n.RBAC}, {"repeated", n.Repeated}} {
			if cost.growth != "" && (len(n.Children) > 0 || cost.what == "repeated") { // an event says how often it happens
				fmt.Fprintf(b, "  %s %s", cost.what, cost.growth)
			}
		}
		if n.Site != "" {
			b.WriteString("  " + n.Site)
		}
		b.WriteString("\n")
		writeNodes(b, n.Children, indent+"  ")
	}
}

// newNode is the node for the page. beside says whether it is set against another, and
// brief whether what is the same in that may be left out: the page has it already.
func newNode(g view.GrownDiff, beside, brief bool) pageNode {
	n := pageNode{Label: tree.Label(g.NodeDiff), Site: tree.Site(g.Node().Site), Sign: " ", Class: "same", Beside: beside, Open: !beside || !g.SameAtEachN()}
	if g.Node().Kind != calltree.Call {
		n.Label = tree.Title(g.Node())
		if count := view.ExactChange(g.Count); count != "1" {
			n.Mark = "× " + count
		}
	}
	switch {
	case g.New():
		n.Sign, n.Class = "+", "new"
	case g.Gone():
		n.Sign, n.Class = "−", "gone"
	case !g.SameAtEachN():
		n.Class = "changed"
	}
	if !g.Gone() {
		n.SQL, n.RBAC, n.Repeated = view.Exact(g.SQL.Head), view.Exact(g.RBAC.Head), view.Exact(g.Repeated.Head)
		if g.New() || !g.SameAtEachN() {
			n.Hint = hint(g.SQL.Head, g.RBAC.Head)
		}
	}
	if beside {
		n.BaseSQL, n.BaseRBAC = view.Exact(g.SQL.Base), view.Exact(g.RBAC.Base)
	}
	if brief && len(g.Children) > 0 && g.SameAtEachN() {
		n.Mark = "(same)"
		return n
	}
	for _, child := range g.Children {
		n.Children = append(n.Children, newNode(child, beside, brief))
	}
	return n
}

// hint is the counts at each N, where no formula tells them.
func hint(sql, rbac report.Growth) string {
	if sql.Law.Shape != report.Irregular && rbac.Law.Shape != report.Irregular || len(sql.Points) < 2 {
		return ""
	}
	var parts []string
	for i, p := range sql.Points {
		parts = append(parts, fmt.Sprintf("N=%d: %d+%d", p.N, p.Count, rbac.Points[i].Count))
	}
	return strings.Join(parts, ", ") + " (SQL+RBAC)"
}

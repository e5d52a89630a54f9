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

type pageTree struct {
	ID, Base, Head string // Base: what it is set against, if anything
	Outcome        string // with that of Base, if it is another
	Scenario       string
	Same           *pageTree // an earlier tree that shows the same
	Roots          []pageNode
}

type pageNode struct {
	Class, Sign, Label, Mark string
	BaseSQL, SQL             string
	BaseRBAC, RBAC           string
	Avoidable, Site          string
	Hint                     string // the counts at each N
	Open                     bool
	Children                 []pageNode
}

// pageTrees is what is known of the trees that the page has so far.
type pageTrees struct {
	ids  map[treeKey]string
	seen map[string]pageTree // by what they show
}

type treeKey struct{ scenario, version, outcome string }

// newTree returns the call tree of a series: beside that of what it is set against,
// if there is such a tree at the same N.
func newTree(d view.Document, s report.Series) (pageTree, bool) {
	var ns []int
	for _, p := range s.Metrics[tracer.SQL].Points {
		ns = append(ns, p.N)
	}
	if s.Metrics[tracer.SQL].Law.Shape == report.Unknown && len(ns) > 2 {
		ns = ns[len(ns)-1:] // what races has no law
	}
	head, ok := calltree.Grow(d.Measured.Trees, s.Scenario, s.Version, ns)
	if !ok || len(head.Roots) == 0 {
		return pageTree{}, false
	}
	tree := pageTree{Scenario: term.Printable(s.Scenario, 0), Head: d.NameOf(s), Outcome: term.Printable(s.Outcome, 2*term.NameWidth)}
	base, ok := calltree.Grow(d.Baseline.Trees, s.Scenario, s.Version, ns)
	if ok {
		tree.Base = "baseline"
		if d.Reference != "" {
			tree.Base = term.Printable(d.Against, term.NameWidth)
		}
		if base.Outcome != head.Outcome {
			tree.Outcome = term.Printable(base.Outcome+" → "+head.Outcome, 2*term.NameWidth)
		}
	} else {
		base = head
	}
	for _, root := range view.DiffGrown(base, head) {
		tree.Roots = append(tree.Roots, newNode(root, ok, ok && d.Reference != ""))
	}
	return tree, true
}

// newNode is the node for the page. beside says whether it is set against another, and
// brief whether what is the same in that may be left out: the page has it already.
func newNode(g view.GrownDiff, beside, brief bool) pageNode {
	n := pageNode{Label: tree.Label(g.NodeDiff), Site: tree.Site(g.Node().Site), Sign: " ", Class: "same", Open: !beside || !g.SameAtEachN()}
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
		n.SQL, n.RBAC, n.Avoidable = view.Exact(g.SQL.Head), view.Exact(g.RBAC.Head), view.Exact(g.Avoidable.Head)
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

// hint tells the counts at each N, for who points at a law.
func hint(sql, rbac report.Growth) string {
	if sql.Law.Shape == report.Constant && rbac.Law.Shape == report.Constant || len(sql.Points) < 2 {
		return ""
	}
	var parts []string
	for i, p := range sql.Points {
		parts = append(parts, fmt.Sprintf("N=%d: %d+%d", p.N, p.Count, rbac.Points[i].Count))
	}
	return strings.Join(parts, ", ") + " (SQL+RBAC)"
}

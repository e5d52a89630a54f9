package report

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
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

// pageTree returns the call tree of a series: beside that of what it is set against,
// if there is such a tree at the same N.
func (d Document) pageTree(s Series) (pageTree, bool) {
	var ns []int
	for _, p := range s.Avoidable.Points {
		ns = append(ns, p.N)
	}
	head, ok := d.Measured.growTree(s.Scenario, s.Version, ns)
	if !ok || len(head.roots) == 0 {
		return pageTree{}, false
	}
	tree := pageTree{Scenario: term.Printable(s.Scenario, 0), Head: d.nameOf(s), Outcome: term.Printable(s.Outcome, 2*term.NameWidth)}
	base, ok := d.Baseline.growTree(s.Scenario, s.Version, ns)
	if ok {
		tree.Base = "baseline"
		if !d.Accepted {
			tree.Base = term.Printable(d.Against, term.NameWidth)
		}
		if base.outcome != head.outcome {
			tree.Outcome = term.Printable(base.outcome+" → "+head.outcome, 2*term.NameWidth)
		}
	} else {
		base = head
	}
	for _, root := range diffGrown(base, head) {
		tree.Roots = append(tree.Roots, root.page(ok, ok && !d.Accepted))
	}
	return tree, true
}

// page is the node for the page. beside says whether it is set against another, and
// brief whether what is the same in that may be left out: the page has it already.
func (g grownDiff) page(beside, brief bool) pageNode {
	n := pageNode{Label: g.label(), Site: shortSite(g.node().Site), Sign: " ", Class: "same", Open: !beside || !g.same()}
	if g.node().Kind != Call {
		n.Label = g.node().title()
		if count := g.count.exact(); count != "1" {
			n.Mark = "× " + count
		}
	}
	switch {
	case g.New():
		n.Sign, n.Class = "+", "new"
	case g.Gone():
		n.Sign, n.Class = "−", "gone"
	case !g.same():
		n.Class = "changed"
	}
	text := func(g Growth) string {
		if !g.happens() {
			return ""
		}
		return g.exact()
	}
	if !g.Gone() {
		n.SQL, n.RBAC, n.Avoidable = text(g.sql.Head), text(g.rbac.Head), text(g.avoidable.Head)
		if g.New() || !g.same() {
			n.Hint = hint(g.sql.Head, g.rbac.Head)
		}
	}
	if beside {
		n.BaseSQL, n.BaseRBAC = text(g.sql.Base), text(g.rbac.Base)
	}
	if brief && len(g.children) > 0 && g.same() {
		n.Mark = "(same)"
		return n
	}
	for _, child := range g.children {
		n.Children = append(n.Children, child.page(beside, brief))
	}
	return n
}

// hint tells the counts at each N, for who points at a law.
func hint(sql, rbac Growth) string {
	if sql.Law.Shape == Constant && rbac.Law.Shape == Constant || len(sql.Points) < 2 {
		return ""
	}
	var parts []string
	for i, p := range sql.Points {
		parts = append(parts, fmt.Sprintf("N=%d: %d+%d", p.N, p.Count, rbac.Points[i].Count))
	}
	return strings.Join(parts, ", ") + " (SQL+RBAC)"
}

package view

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A GrownTree is the trees of a series as one, of which each node knows its cost at
// each N.
type GrownTree struct {
	Outcome string
	Roots   []*calltree.Node // with the costs and counts of all N together
	ns      []int
	at      map[*calltree.Node][]nodeAt // in the order of ns
}

// A nodeAt is a node at one N: its count, and its cost without what is below it.
type nodeAt struct {
	count int
	own   calltree.Cost
}

// GrowTree returns the trees of a version in a scenario at ns as one. ok is false if
// any of them was not kept.
func GrowTree(r report.File, scenario, version string, ns []int) (g GrownTree, ok bool) {
	g = GrownTree{ns: ns, at: map[*calltree.Node][]nodeAt{}}
	root := &calltree.Node{}
	for i, n := range ns {
		tree, ok := calltree.Find(r.Trees, scenarios.Cell{Scenario: scenario, N: n, Version: version})
		if !ok {
			return GrownTree{}, false
		}
		g.Outcome = tree.Outcome
		g.add(root, tree.Roots, i)
	}
	g.Roots = root.Children
	return g, true
}

// add adds nodes, measured at the i-th N, to the children of parent.
func (g GrownTree) add(parent *calltree.Node, nodes []*calltree.Node, i int) {
	for _, n := range nodes {
		j := slices.IndexFunc(parent.Children, func(o *calltree.Node) bool {
			return o.Kind == n.Kind && o.Name == n.Name && o.Function == n.Function && o.Site == n.Site
		})
		if j < 0 {
			j = len(parent.Children)
			child := &calltree.Node{Kind: n.Kind, Name: n.Name, Function: n.Function, Site: n.Site}
			parent.Children = append(parent.Children, child)
			g.at[child] = make([]nodeAt, len(g.ns))
		}
		child := parent.Children[j]
		child.Count += n.Count
		child.Cost = child.Cost.Plus(n.Cost)
		g.at[child][i] = nodeAt{n.Count, n.Own()}
		g.add(child, n.Children, i)
	}
}

// A GrownDiff is a NodeDiff whose counts and costs, of the node and all below it,
// are known at each N.
type GrownDiff struct {
	*calltree.NodeDiff
	Count, SQL, RBAC, Avoidable report.GrowthDiff
	Children                    []GrownDiff
}

// DiffGrown sets the tree of a series against that of another at the same N.
func DiffGrown(base, head GrownTree) []GrownDiff {
	d := calltree.Compare(calltree.Tree{Roots: base.Roots}, calltree.Tree{Roots: head.Roots})
	var roots []GrownDiff
	for _, root := range d.Roots {
		roots = append(roots, newGrownDiff(root, base, head))
	}
	return roots
}

func newGrownDiff(d *calltree.NodeDiff, base, head GrownTree) GrownDiff {
	g := GrownDiff{NodeDiff: d}
	for _, child := range d.Children {
		g.Children = append(g.Children, newGrownDiff(child, base, head))
	}
	// own is the growth of a number of the node alone.
	own := func(of func(nodeAt) int) report.GrowthDiff {
		return report.GrowthDiff{Base: base.growth(d.Base, of), Head: head.growth(d.Head, of)}
	}
	g.Count = own(func(n nodeAt) int { return n.count })
	g.SQL = own(func(n nodeAt) int { return n.own.SQL })
	g.RBAC = own(func(n nodeAt) int { return n.own.RBAC })
	g.Avoidable = own(func(n nodeAt) int { return n.own.Avoidable() })
	for _, child := range g.Children {
		g.SQL, g.RBAC, g.Avoidable = plusChange(g.SQL, child.SQL), plusChange(g.RBAC, child.RBAC), plusChange(g.Avoidable, child.Avoidable)
	}
	return g
}

// growth is how a number of n, which may be nil, grows.
func (g GrownTree) growth(n *calltree.Node, of func(nodeAt) int) report.Growth {
	var points []report.Point
	for i, at := range g.ns {
		p := report.Point{N: at}
		if n != nil {
			p.Count = of(g.at[n][i])
		}
		points = append(points, p)
	}
	return report.Growth{Points: points, Law: report.Fit(points)}
}

// SameAtEachN reports whether the node and all below it happen in both, as often at each N.
func (g GrownDiff) SameAtEachN() bool {
	return !g.New() && !g.Gone() && !g.Renamed() && !g.Count.Changed() &&
		!slices.ContainsFunc(g.Children, func(child GrownDiff) bool { return !child.SameAtEachN() })
}

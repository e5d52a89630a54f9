package report

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A grownTree is the trees of a series as one, of which each node knows its cost at
// each N.
type grownTree struct {
	outcome string
	roots   []*Node // with the costs and counts of all N together
	ns      []int
	at      map[*Node][]nodeAt // in the order of ns
}

// A nodeAt is a node at one N: its count, and its cost without what is below it.
type nodeAt struct {
	count int
	own   Cost
}

// growTree returns the trees of a version in a scenario at ns as one. ok is false if
// any of them was not kept.
func (r Rows) growTree(scenario, version string, ns []int) (g grownTree, ok bool) {
	g = grownTree{ns: ns, at: map[*Node][]nodeAt{}}
	root := &Node{}
	for i, n := range ns {
		tree, ok := r.tree(scenarios.Cell{Scenario: scenario, N: n, Version: version})
		if !ok {
			return grownTree{}, false
		}
		g.outcome = tree.Outcome
		g.add(root, tree.Roots, i)
	}
	g.roots = root.Children
	return g, true
}

// add adds nodes, measured at the i-th N, to the children of parent.
func (g grownTree) add(parent *Node, nodes []*Node, i int) {
	for _, n := range nodes {
		j := slices.IndexFunc(parent.Children, func(o *Node) bool {
			return o.Kind == n.Kind && o.Name == n.Name && o.Function == n.Function && o.Site == n.Site
		})
		if j < 0 {
			j = len(parent.Children)
			child := &Node{Kind: n.Kind, Name: n.Name, Function: n.Function, Site: n.Site}
			parent.Children = append(parent.Children, child)
			g.at[child] = make([]nodeAt, len(g.ns))
		}
		child := parent.Children[j]
		child.Count += n.Count
		child.Cost = child.Cost.plus(n.Cost)
		g.at[child][i] = nodeAt{n.Count, n.own()}
		g.add(child, n.Children, i)
	}
}

// A grownDiff is a NodeDiff whose counts and costs, of the node and all below it,
// are known at each N.
type grownDiff struct {
	*NodeDiff
	count, sql, rbac, avoidable GrowthDiff
	children                    []grownDiff
}

// diffGrown sets the tree of a series against that of another at the same N.
func diffGrown(base, head grownTree) []grownDiff {
	d := DiffTrees(Tree{Roots: base.roots}, Tree{Roots: head.roots})
	var roots []grownDiff
	for _, root := range d.Roots {
		roots = append(roots, newGrownDiff(root, base, head))
	}
	return roots
}

func newGrownDiff(d *NodeDiff, base, head grownTree) grownDiff {
	g := grownDiff{NodeDiff: d}
	for _, child := range d.Children {
		g.children = append(g.children, newGrownDiff(child, base, head))
	}
	// own is the growth of a number of the node alone.
	own := func(of func(nodeAt) int) GrowthDiff {
		return GrowthDiff{Base: base.growth(d.Base, of), Head: head.growth(d.Head, of)}
	}
	g.count = own(func(n nodeAt) int { return n.count })
	g.sql = own(func(n nodeAt) int { return n.own.SQL })
	g.rbac = own(func(n nodeAt) int { return n.own.RBAC })
	g.avoidable = own(func(n nodeAt) int { return n.own.avoidable() })
	for _, child := range g.children {
		g.sql, g.rbac, g.avoidable = g.sql.plus(child.sql), g.rbac.plus(child.rbac), g.avoidable.plus(child.avoidable)
	}
	return g
}

// growth is how a number of n, which may be nil, grows.
func (g grownTree) growth(n *Node, of func(nodeAt) int) Growth {
	var points []Point
	for i, at := range g.ns {
		p := Point{N: at}
		if n != nil {
			p.Count = of(g.at[n][i])
		}
		points = append(points, p)
	}
	return Growth{Points: points, Law: Fit(points)}
}

// same reports whether the node and all below it happen in both, as often at each N.
func (g grownDiff) same() bool {
	return !g.New() && !g.Gone() && !g.Renamed() && !g.count.Changed() &&
		!slices.ContainsFunc(g.children, func(child grownDiff) bool { return !child.same() })
}

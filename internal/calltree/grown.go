package calltree

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A Grown is the trees of a series as one, of which each node knows its cost at each N.
type Grown struct {
	Tree // with the costs and counts of all N together
	N    []int
	at   map[*Node][]Own // in the order of N
}

// An Own is a node at one N: its count, and its cost without what is below it.
type Own struct {
	Count int
	Cost  Cost
	// Alike is how many equal an earlier one that could not be spared, or cannot be compared.
	Alike int
}

// Grow returns the trees of a version in a scenario at ns as one. ok is false if any of them
// was not kept.
func Grow(trees []Tree, scenario, version string, ns []int) (g Grown, ok bool) {
	var list []Tree
	for _, n := range ns {
		tree, ok := Find(trees, scenarios.Cell{Scenario: scenario, N: n, Version: version})
		if !ok {
			return Grown{}, false
		}
		list = append(list, tree)
	}
	return grow(list), true
}

// grow returns trees of different N as one.
func grow(trees []Tree) Grown {
	g := Grown{at: map[*Node][]Own{}}
	root := &Node{}
	for i, tree := range trees {
		g.N = append(g.N, tree.Cell.N)
		g.Cell, g.Outcome, g.NoLines = tree.Cell, tree.Outcome, tree.NoLines
		g.Cost = g.Cost.Plus(tree.Cost)
		g.add(root, tree.Roots, i, len(trees))
	}
	g.Roots = root.Children
	return g
}

// add adds nodes, measured at the i-th of so many N, to the children of parent.
func (g Grown) add(parent *Node, nodes []*Node, i, of int) {
	taken := map[*Node]bool{} // without lines there are several of the same
	for _, n := range nodes {
		j := slices.IndexFunc(parent.Children, func(o *Node) bool {
			return o.Kind == n.Kind && o.Name == n.Name && o.Function == n.Function && o.Site == n.Site && !taken[o]
		})
		if j < 0 {
			j = len(parent.Children)
			child := &Node{Kind: n.Kind, Name: n.Name, Function: n.Function, Site: n.Site}
			parent.Children = append(parent.Children, child)
			g.at[child] = make([]Own, of)
		}
		child := parent.Children[j]
		taken[child] = true
		child.Count += n.Count
		child.Cost = child.Cost.Plus(n.Cost)
		own := Own{n.Count, n.Own(), n.Opaque}
		for _, equal := range n.Equal {
			own.Alike += equal
		}
		g.at[child][i] = own
		g.add(child, n.Children, i, of)
	}
}

// At returns what n, which may be nil, is at the i-th N.
func (g Grown) At(n *Node, i int) Own {
	if n == nil {
		return Own{}
	}
	return g.at[n][i]
}

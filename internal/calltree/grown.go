package calltree

import (
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A Grown combines the trees of a series, with the cost of each node at each N.
type Grown struct {
	Tree // with the sums over all N
	N    []int
	at   map[*Node][]Own // in the order of N
}

// An Own is a node at one N: its count, and its cost without its children.
type Own struct {
	Count int
	Cost  Cost
	// Alike is how many equal an earlier one that could not be spared, or cannot be compared.
	Alike int
}

// Grow combines the trees of a version in a scenario at ns. ok is false if any of them is
// missing.
func Grow(trees map[scenarios.Cell]Tree, scenario, version string, ns []int) (g Grown, ok bool) {
	var list []Tree
	for _, n := range ns {
		tree, ok := trees[scenarios.Cell{Scenario: scenario, N: n, Version: version}]
		if !ok {
			return Grown{}, false
		}
		list = append(list, tree)
	}
	return grow(list), true
}

// grow combines trees of different N.
func grow(trees []Tree) Grown {
	g := Grown{at: map[*Node][]Own{}}
	root := &Node{}
	for i, tree := range trees {
		g.N = append(g.N, tree.Cell.N)
		g.Cell, g.Outcome, g.NoLines = tree.Cell, tree.Outcome, tree.NoLines
		g.add(root, tree.Roots, i, len(trees))
	}
	g.Roots, g.Cost = root.Children, addUp(root.Children)
	return g
}

// add adds nodes, measured at the i-th of so many N, to the children of parent.
func (g Grown) add(parent *Node, nodes []*Node, i, of int) {
	keyOf := func(n *Node) nodeKey { return nodeKey{parent, n.identity(), n.Site} }
	_, free := index.Groups(parent.Children, keyOf) // without lines several nodes may be equal
	for _, n := range nodes {
		key := keyOf(n)
		if len(free[key]) == 0 {
			child := &Node{Kind: n.Kind, Name: n.Name, Function: n.Function, Site: n.Site}
			parent.Children = append(parent.Children, child)
			free[key] = []*Node{child}
			g.at[child] = make([]Own, of)
		}
		child := free[key][0]
		free[key] = free[key][1:]
		child.Count += n.Count
		child.Repeated += n.Repeated
		own := Own{n.Count, n.Own(), n.Opaque}
		for _, equal := range n.Equal {
			own.Alike += equal
		}
		g.at[child][i] = own
		g.add(child, n.Children, i, of)
	}
}

// At returns n, which may be nil, at the i-th N.
func (g Grown) At(n *Node, i int) Own {
	if n == nil {
		return Own{}
	}
	return g.at[n][i]
}

package calltree

import (
	"cmp"
	"slices"
)

// Bare returns t without what changes with every edit, as baselines keep it: lines, and what
// repeats what. Its nodes are in an order of their own, whatever came first.
func (t Tree) Bare() Tree {
	bare := Tree{Cell: t.Cell, Outcome: t.Outcome, NoLines: true}
	bare.Roots, bare.Cost = bareNodes(t.Roots)
	return bare
}

// Bare returns the trees without lines, see [Tree.Bare].
func Bare(trees []Tree) []Tree {
	var bare []Tree
	for _, t := range trees {
		bare = append(bare, t.Bare())
	}
	return bare
}

func bareNodes(nodes []*Node) (bare []*Node, total Cost) {
	for _, n := range nodes {
		b := &Node{Kind: n.Kind, Name: n.Name, Function: n.Function, Count: n.Count}
		b.Children, b.Cost = bareNodes(n.Children)
		b.Cost = b.Cost.Plus(costOf(b.Kind, b.Count, 0))
		bare, total = append(bare, b), total.Plus(b.Cost)
	}
	slices.SortStableFunc(bare, compareNodes)
	return bare, total
}

// compareNodes orders nodes whose children are in order.
func compareNodes(a, b *Node) int {
	return cmp.Or(
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Count, b.Count),
		slices.CompareFunc(a.Children, b.Children, compareNodes),
	)
}

// inOrder returns what gives the children of the nodes below roots in the order of [Tree.Bare].
func inOrder(roots ...*Node) func(*Node) []*Node {
	children := map[*Node][]*Node{}
	var sorted func(n *Node) *Node // a copy of n whose children are in order
	sorted = func(n *Node) *Node {
		copies, of := []*Node{}, map[*Node]*Node{}
		for _, child := range n.Children {
			c := sorted(child)
			copies, of[c] = append(copies, c), child
		}
		slices.SortStableFunc(copies, compareNodes)
		for _, c := range copies {
			children[n] = append(children[n], of[c])
		}
		return &Node{Kind: n.Kind, Name: n.Name, Function: n.Function, Count: n.Count, Children: copies}
	}
	for _, root := range roots {
		sorted(root)
	}
	return func(n *Node) []*Node { return children[n] }
}

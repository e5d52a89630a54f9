package calltree

import (
	"cmp"
	"slices"
)

// Bare returns t in the form of baselines, without lines and repeats, which change with every
// edit. Its nodes are sorted and not in the order of events.
func (t Tree) Bare() Tree {
	bare := Tree{Cell: t.Cell, Outcome: t.Outcome, NoLines: true, Roots: sorted(&Node{Children: t.Roots}).bare().Children}
	bare.Cost = addUp(bare.Roots)
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

func (a *arranged) bare() *Node {
	n := &Node{Kind: a.Kind, Name: a.Name, Function: a.Function, Count: a.Count}
	for _, child := range a.children {
		n.Children = append(n.Children, child.bare())
	}
	return n
}

// compareNodes orders nodes with ordered children.
func compareNodes(a, b *Node) int {
	return cmp.Or(a.compare(b), slices.CompareFunc(a.Children, b.Children, compareNodes))
}

package calltree

import (
	"cmp"
	"slices"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// Bare returns t in the form of baselines, without lines and repeats, which change with every
// edit. Its nodes are sorted and not in the order of events.
func (t Tree) Bare() Tree {
	bare := Tree{Cell: t.Cell, Outcome: t.Outcome, NoLines: true, Roots: bareNodes(t.Roots)}
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

func bareNodes(nodes []*Node) (bare []*Node) {
	for _, n := range nodes {
		bare = append(bare, &Node{Kind: n.Kind, Name: n.Name, Function: n.Function, Count: n.Count, Children: bareNodes(n.Children)})
	}
	slices.SortStableFunc(bare, compareNodes)
	return bare
}

// compareNodes orders nodes with ordered children.
func compareNodes(a, b *Node) int {
	return cmp.Or(
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Count, b.Count),
		slices.CompareFunc(a.Children, b.Children, compareNodes),
	)
}

// inOrder returns a function that returns the children of nodes below roots in the order of
// [Tree.Bare].
func inOrder(roots ...*Node) func(*Node) []*Node {
	children := map[*Node][]*Node{}
	var sorted func(n *Node) *Node // returns a copy of n with ordered children
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

// inOrderOf returns a function that returns the children of nodes below base in the order of
// head's first event of the same kind and name, and those of nodes below head unchanged.
func inOrderOf(base, head *Node) func(*Node) []*Node {
	type what struct {
		kind           tracer.Kind
		function, name string
	}
	of := func(n *Node) what { return what{n.Kind, n.Function, n.Name} }
	first, firstBelow, children, count := map[what]int{}, map[[2]what]int{}, map[*Node][]*Node{}, 0
	var number func(n *Node)
	number = func(n *Node) {
		children[n] = n.Children
		for _, child := range n.Children {
			count++
			if below := [2]what{of(n), of(child)}; firstBelow[below] == 0 {
				firstBelow[below] = count
			}
			if first[of(child)] == 0 {
				first[of(child)] = count
			}
			number(child)
		}
	}
	number(head)
	var arrange func(n *Node) int // returns the first position below n
	arrange = func(n *Node) int {
		ranks, least := map[*Node]int{}, count+1
		for _, child := range n.Children {
			below := arrange(child)
			ranks[child] = cmp.Or(firstBelow[[2]what{of(n), of(child)}], first[of(child)], below)
			least = min(least, ranks[child])
		}
		children[n] = slices.SortedStableFunc(slices.Values(n.Children), func(a, b *Node) int { return cmp.Compare(ranks[a], ranks[b]) })
		return least
	}
	arrange(base)
	return func(n *Node) []*Node { return children[n] }
}

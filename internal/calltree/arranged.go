package calltree

import (
	"cmp"
	"slices"
)

// An arranged is a node with its children in a certain order, or with only some of them.
type arranged struct {
	*Node
	children []*arranged
}

// arrange returns n with all children arranged by order.
func arrange(n *Node, order func(children []*arranged)) *arranged {
	a := &arranged{Node: n}
	for _, child := range n.Children {
		a.children = append(a.children, arrange(child, order))
	}
	order(a.children)
	return a
}

// inOrder returns n in the order of its events.
func inOrder(n *Node) *arranged { return arrange(n, func([]*arranged) {}) }

// sorted returns n in the order of [Tree.Bare].
func sorted(n *Node) *arranged {
	return arrange(n, func(children []*arranged) { slices.SortStableFunc(children, compareArranged) })
}

// mirror reverses the order of all children.
func (a *arranged) mirror() *arranged {
	slices.Reverse(a.children)
	for _, child := range a.children {
		child.mirror()
	}
	return a
}

// compareArranged orders nodes with ordered children.
func compareArranged(a, b *arranged) int {
	return cmp.Or(a.compare(b.Node), slices.CompareFunc(a.children, b.children, compareArranged))
}

// compare orders nodes, whatever is below them.
func (n *Node) compare(o *Node) int {
	return cmp.Or(cmp.Compare(n.Kind, o.Kind), cmp.Compare(n.Function, o.Function), cmp.Compare(n.Name, o.Name), cmp.Compare(n.Count, o.Count))
}

// inOrderOf returns base in the order of head's first event of the same kind and name.
func inOrderOf(base, head *Node) *arranged {
	first, firstBelow, count := map[identity]int{}, map[[2]identity]int{}, 0
	var number func(n *Node)
	number = func(n *Node) {
		for _, child := range n.Children {
			count++
			if below := [2]identity{n.identity(), child.identity()}; firstBelow[below] == 0 {
				firstBelow[below] = count
			}
			if first[child.identity()] == 0 {
				first[child.identity()] = count
			}
			number(child)
		}
	}
	number(head)
	var follow func(n *Node) (a *arranged, least int) // the first position below n
	follow = func(n *Node) (a *arranged, least int) {
		a, least = &arranged{Node: n}, count+1
		ranks := map[*arranged]int{}
		for _, node := range n.Children {
			child, below := follow(node)
			ranks[child] = cmp.Or(firstBelow[[2]identity{n.identity(), node.identity()}], first[node.identity()], below)
			least = min(least, ranks[child])
			a.children = append(a.children, child)
		}
		slices.SortStableFunc(a.children, func(a, b *arranged) int { return cmp.Compare(ranks[a], ranks[b]) })
		return a, least
	}
	a, _ := follow(base)
	return a
}

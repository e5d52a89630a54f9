package calltree

// plausible returns, head to base, the pairs (base to head) that people would make too. The
// cheapest way keeps whatever it can, even one check that two unrelated functions have in common.
func plausible(pairs map[*Node]*Node, base, head *Node) map[*Node]*Node {
	dropRenames(pairs, base)
	parents := map[*Node]*Node{} // of the nodes of the head
	for n := range head.All() {
		for _, child := range n.Children {
			parents[child] = n
		}
	}
	// What did not move relative to a kept node is kept. A node with another caller in both trees
	// is something else.
	kept := map[*Node]*Node{head: base}
	for b := range base.All() {
		for _, child := range b.Children {
			if h := pairs[child]; h != nil && (kept[pairs[b]] == b || kept[parents[h]] != nil) {
				kept[h] = child
			}
		}
	}
	return kept
}

// dropRenames removes pairs of functions with different names if at most half of their events are
// paired. It returns the number of paired events below n.
func dropRenames(pairs map[*Node]*Node, n *Node) (paired int) {
	for _, child := range n.Children {
		paired += dropRenames(pairs, child)
	}
	h := pairs[n]
	switch {
	case h == nil:
	case n.Kind != Call:
		paired++
	case n.Name != h.Name && 2*paired <= min(n.Leaves(), h.Leaves()):
		delete(pairs, n)
	}
	return paired
}

package calltree

// plausible returns, head to base, the pairs (base to head) that people would make too. The
// cheapest way keeps whatever it can, even one check that two unrelated functions have in common.
func plausible(pairs map[*Node]*Node, base, head *Node) map[*Node]*Node {
	p := pairing{pairs: pairs, kept: map[*Node]*Node{head: base}, parents: map[*Node]*Node{}}
	p.dropRenames(base)
	p.setParents(head)
	p.keep(base)
	return p.kept
}

type pairing struct {
	pairs   map[*Node]*Node
	kept    map[*Node]*Node
	parents map[*Node]*Node // of the nodes of the head
}

// dropRenames removes pairs of functions with different names if at most half of their events are
// paired. It returns the number of paired events below n.
func (p *pairing) dropRenames(n *Node) (paired int) {
	for _, child := range n.Children {
		paired += p.dropRenames(child)
	}
	h := p.pairs[n]
	switch {
	case h == nil:
	case n.Kind != Call:
		paired++
	case n.Name != h.Name && 2*paired <= min(n.Leaves(), h.Leaves()):
		delete(p.pairs, n)
	}
	return paired
}

func (p *pairing) setParents(h *Node) {
	for _, child := range h.Children {
		p.parents[child] = h
		p.setParents(child)
	}
}

// keep keeps the pairs below b that did not move relative to a kept node. A node with another
// caller in both trees is something else.
func (p *pairing) keep(b *Node) {
	for _, child := range b.Children {
		h := p.pairs[child]
		if h != nil && (p.kept[p.pairs[b]] == b || p.kept[p.parents[h]] != nil) {
			p.kept[h] = child
		}
		p.keep(child)
	}
}

package calltree

import (
	"maps"
	"slices"
)

// The costs of changing one tree into another. A leaf is what was requested and weighs more than
// a call. The small costs decide between pairs that are otherwise equally good.
const (
	leafWeight     = 200
	callWeight     = 100
	renameWeight   = 198 // slightly cheaper than removing one call and inserting another
	moveWeight     = 50  // to another package, with the same name
	recountWeight  = 4
	avoidingWeight = 1 // same count, different number of repeated ones
)

func (n *Node) weight() int32 {
	if n.Kind == Call {
		return callWeight
	}
	return leafWeight
}

// relabel returns the cost of pairing base and head. A pair that costs more than a removal and an
// insertion is never made.
func relabel(base, head *Node) int32 {
	switch {
	case base.Kind != head.Kind:
		return base.weight() + head.weight() + 1
	case base.Kind == Call && base.Name != head.Name:
		return renameWeight
	case base.Function != head.Function:
		return moveWeight
	case base.Name != head.Name:
		return base.weight() + head.weight() + 1
	case base.Count != head.Count:
		return recountWeight
	case base.Cost.Repeated() != head.Cost.Repeated():
		return avoidingWeight
	default:
		return 0
	}
}

// match returns the pairs, base to head, of the cheapest way to change one tree into the other
// that keeps order and descent. Nodes between pairs may come and go, so a new helper does not
// affect what it calls.
//
// The algorithm is that of K. Zhang and D. Shasha, "Simple fast algorithms for the editing
// distance between trees and related problems", SIAM J. Comput. 18 (1989).
func match(base, head *Node) map[*Node]*Node {
	d := newDistance(inOrder(base), inOrder(head))
	// The amount of work depends on the direction in which the trees lean. Mirrored trees have
	// the same distance.
	if mirrored := newDistance(inOrder(base).mirror(), inOrder(head).mirror()); mirrored.work() < d.work() {
		d = mirrored
	}
	pairs, _ := d.pairs()
	return pairs
}

// matchUnordered is match for a base without the order of events. It tries two orders, that of
// [Tree.Bare], which brings equal parts together, and that of head, and takes the cheaper match.
func matchUnordered(base, head *Node) map[*Node]*Node {
	// Of several equal nodes the last is new: mirrored, the first are paired.
	pairs, distance := newDistance(sorted(base).mirror(), sorted(head).mirror()).pairs()
	if other, d := newDistance(inOrderOf(base, head).mirror(), inOrder(head).mirror()).pairs(); d < distance {
		return other
	}
	return pairs
}

// A postorder is a tree whose nodes are numbered, each after its descendants.
type postorder struct {
	nodes    []*Node
	weights  []int32
	first    []int // the first number in each subtree
	keyroots []int // the last number for each first, ascending
}

func newPostorder(root *arranged) postorder {
	var p postorder
	var visit func(n *arranged)
	visit = func(n *arranged) {
		first := len(p.nodes)
		for _, child := range n.children {
			visit(child)
		}
		p.nodes, p.weights, p.first = append(p.nodes, n.Node), append(p.weights, n.weight()), append(p.first, first)
	}
	visit(root)
	last := map[int]int{}
	for i, first := range p.first {
		last[first] = i
	}
	p.keyroots = slices.Sorted(maps.Values(last))
	return p
}

// work returns the number of nodes in the subtrees of all keyroots.
func (p postorder) work() int {
	sum := 0
	for _, i := range p.keyroots {
		sum += i - p.first[i] + 1
	}
	return sum
}

// A distance compares two trees. It leaves out what a cheapest way pairs anyway, and divides large
// trees: the rest takes memory for each pair of nodes in one part.
type distance struct {
	certain map[*Node]*Node // pairs, base to head, that are made beforehand
	apart   int32           // the cost of certain pairs and of nodes that are in no part
	parts   []part
}

// A part is two trees of which the cheapest way is computed.
type part struct {
	base, head postorder
	// trees holds the distance of every two subtrees. forests holds, for two of them, the
	// distance of the forests before i and before j.
	trees, forests [][]int32
}

func newDistance(base, head *arranged) *distance {
	d := &distance{certain: map[*Node]*Node{}}
	d.add(base, head)
	return d
}

// add adds two trees without what is certain: below two roots, equal trees at the end and at the
// beginning.
func (d *distance) add(base, head *arranged) {
	b, h := base.children, head.children
	for len(b) > 0 && len(h) > 0 && b[len(b)-1].equal(h[len(h)-1]) {
		d.pairAll(b[len(b)-1], h[len(h)-1])
		b, h = b[:len(b)-1], h[:len(h)-1]
	}
	for len(b) > 0 && len(h) > 0 && b[0].equal(h[0]) {
		d.pairAll(b[0], h[0])
		b, h = b[1:], h[1:]
	}
	if len(b) == 1 && len(h) == 1 && relabel(b[0].Node, h[0].Node) <= avoidingWeight {
		d.certain[base.Node] = head.Node
		d.add(b[0], h[0])
		return
	}
	rest := part{base: newPostorder(&arranged{base.Node, b}), head: newPostorder(&arranged{head.Node, h})}
	if len(rest.base.nodes)*len(rest.head.nodes) <= maxPairs {
		d.parts = append(d.parts, rest)
		return
	}
	d.certain[base.Node] = head.Node
	d.divide(b, h)
}

// maxPairs bounds the pairs of nodes of which the cheapest way is computed, with 8 bytes for each.
const maxPairs = 1 << 20

// divide adds the trees b and h in parts: those between equal trees or, where there are none,
// between and within trees whose roots are alike. Where nothing is alike, nothing pairs.
func (d *distance) divide(b, h []*arranged) {
	seen := numbers{}
	equals := common(b, h, seen.tree)
	likes := equals
	if len(equals) == 0 {
		likes = common(b, h, seen.root)
	}
	if len(likes) == 0 {
		for _, tree := range slices.Concat(b, h) {
			for _, weight := range newPostorder(tree).weights {
				d.apart += weight
			}
		}
		return
	}
	between := func(b, h []*arranged) {
		if len(b)+len(h) > 0 {
			d.add(&arranged{&Node{}, b}, &arranged{&Node{}, h})
		}
	}
	i, j := 0, 0
	for _, like := range likes {
		x, y := like[0], like[1]
		between(b[i:x], h[j:y])
		if i, j = x+1, y+1; len(equals) > 0 {
			d.pairAll(b[x], h[y])
		} else {
			d.certain[b[x].Node] = h[y].Node
			d.apart += relabel(b[x].Node, h[y].Node)
			between(b[x].children, h[y].children)
		}
	}
	between(b[i:], h[j:])
}

// equal reports whether all nodes of two trees pair without cost.
func (a *arranged) equal(b *arranged) bool {
	return relabel(a.Node, b.Node) == 0 && slices.EqualFunc(a.children, b.children, (*arranged).equal)
}

// pairAll pairs all nodes of two equal trees.
func (d *distance) pairAll(b, h *arranged) {
	d.certain[b.Node] = h.Node
	for i, child := range b.children {
		d.pairAll(child, h.children[i])
	}
}

func (d *distance) work() int {
	work := 0
	for _, p := range d.parts {
		work += p.base.work() * p.head.work()
	}
	return work
}

// pairs returns the pairs of the cheapest way, base to head, and its cost.
func (d *distance) pairs() (pairs map[*Node]*Node, cost int32) {
	cost = d.apart
	for _, p := range d.parts {
		cost += p.pair(d.certain)
	}
	return d.certain, cost
}

// pair adds the pairs of the cheapest way to pairs, and returns its cost.
func (p part) pair(pairs map[*Node]*Node) (cost int32) {
	p.trees = matrix(len(p.base.nodes), len(p.head.nodes)) // p is a copy: one part has them at a time
	p.forests = matrix(len(p.base.nodes)+1, len(p.head.nodes)+1)
	for _, i := range p.base.keyroots {
		for _, j := range p.head.keyroots {
			p.compute(i, j)
		}
	}
	i, j := len(p.base.nodes)-1, len(p.head.nodes)-1
	cost = p.trees[i][j]
	p.trace(i, j, pairs)
	return cost
}

func matrix(rows, columns int) [][]int32 {
	m := make([][]int32, rows)
	for i := range m {
		m[i] = make([]int32, columns)
	}
	return m
}

// compute fills forests for the subtrees of i and j, and trees for all pairs that begin where
// they do. The inner loop does nearly all of the work.
func (p *part) compute(i, j int) {
	fromX, fromY := p.base.first[i], p.head.first[j]
	top := p.forests[fromX]
	top[fromY] = 0
	for y := fromY; y <= j; y++ {
		top[y+1] = top[y] + p.head.weights[y]
	}
	firsts, weights := p.head.first[:j+1], p.head.weights[:j+1]
	for x := fromX; x <= i; x++ {
		weight, first := p.base.weights[x], p.base.first[x]
		above, row, tree, before := p.forests[x], p.forests[x+1], p.trees[x], p.forests[first]
		left := above[fromY] + weight // the cell of row before that of y
		row[fromY] = left
		for y := fromY; y <= j; y++ {
			left = min(above[y+1]+weight, left+weights[y])
			if first == fromX && firsts[y] == fromY {
				left = min(left, above[y]+relabel(p.base.nodes[x], p.head.nodes[y]))
				tree[y] = left
			} else {
				left = min(left, before[firsts[y]]+tree[y])
			}
			row[y+1] = left
		}
	}
}

// trace adds the pairs within the subtrees of i and j.
func (p *part) trace(i, j int, pairs map[*Node]*Node) {
	p.compute(i, j)
	var later [][2]int // forests holds only one pair of subtrees at a time
	fromX, fromY := p.base.first[i], p.head.first[j]
	for x, y := i, j; x >= fromX && y >= fromY; {
		firstX, firstY := p.base.first[x], p.head.first[y]
		whole := firstX == fromX && firstY == fromY
		b, h := p.base.nodes[x], p.head.nodes[y]
		switch best := p.forests[x+1][y+1]; {
		case whole && best == p.forests[x][y]+relabel(b, h):
			pairs[b] = h
			x, y = x-1, y-1
		case !whole && best == p.forests[firstX][firstY]+p.trees[x][y]:
			later = append(later, [2]int{x, y})
			x, y = firstX-1, firstY-1
		case best == p.forests[x][y+1]+p.base.weights[x]:
			x--
		default:
			y--
		}
	}
	for _, next := range later {
		p.trace(next[0], next[1], pairs)
	}
}

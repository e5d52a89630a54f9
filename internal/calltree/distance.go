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
	asIs := func(n *Node) []*Node { return n.Children }
	d := newDistance(base, head, asIs)
	// The amount of work depends on the direction in which the trees lean. Mirrored trees have
	// the same distance.
	if mirrored := newDistance(base, head, mirrored(asIs)); mirrored.work() < d.work() {
		d = mirrored
	}
	pairs, _ := d.pairs()
	return pairs
}

// matchUnordered is match for a base without the order of events. It tries two orders, that of
// [Tree.Bare], which brings equal parts together, and that of head, and takes the cheaper match.
func matchUnordered(base, head *Node) map[*Node]*Node {
	// Of several equal nodes the last is new: mirrored, the first are paired.
	pairs, distance := newDistance(base, head, mirrored(inOrder(base, head))).pairs()
	if other, d := newDistance(base, head, mirrored(inOrderOf(base, head))).pairs(); d < distance {
		return other
	}
	return pairs
}

func mirrored(children func(*Node) []*Node) func(*Node) []*Node {
	return func(n *Node) []*Node {
		list := slices.Clone(children(n))
		slices.Reverse(list)
		return list
	}
}

// pairs returns the pairs of the cheapest way, base to head, and its cost.
func (d *distance) pairs() (pairs map[*Node]*Node, cost int32) {
	if d.divided {
		cost = d.apart
		for _, part := range d.parts {
			more, c := part.pairs()
			maps.Copy(d.certain, more)
			cost += c
		}
		return d.certain, cost
	}
	d.trees = matrix(len(d.base.nodes), len(d.head.nodes))
	d.forests = matrix(len(d.base.nodes)+1, len(d.head.nodes)+1)
	for _, i := range d.base.keyroots {
		for _, j := range d.head.keyroots {
			d.compute(i, j)
		}
	}
	pairs = d.certain
	i, j := len(d.base.nodes)-1, len(d.head.nodes)-1
	cost = d.trees[i][j]
	d.trace(i, j, pairs)
	d.trees, d.forests = nil, nil // one part has them at a time
	return pairs, cost
}

// A postorder is a tree whose nodes are numbered, each after its descendants.
type postorder struct {
	nodes    []*Node
	weights  []int32
	first    []int // the first number in each subtree
	keyroots []int // the last number for each first, ascending
}

func newPostorder(root *Node, children func(*Node) []*Node) postorder {
	var p postorder
	var visit func(n *Node)
	visit = func(n *Node) {
		first := len(p.nodes)
		for _, child := range children(n) {
			visit(child)
		}
		p.nodes, p.weights, p.first = append(p.nodes, n), append(p.weights, n.weight()), append(p.first, first)
	}
	visit(root)
	last := map[int]int{}
	for i, first := range p.first {
		last[first] = i
	}
	for i, first := range p.first {
		if last[first] == i {
			p.keyroots = append(p.keyroots, i)
		}
	}
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

type distance struct {
	base, head postorder
	// trees holds the distance of every two subtrees. forests holds, for two of them, the
	// distance of the forests before i and before j.
	trees, forests [][]int32
	certain        map[*Node]*Node // pairs of equal nodes that are in neither base nor head

	// Large trees are divided: parts replaces base and head.
	divided bool
	parts   []*distance
	apart   int32 // the cost of nodes that are in no part
}

// newDistance leaves out what a cheapest way pairs anyway: below two roots, equal trees at the
// end and at the beginning. The rest takes memory for each pair of its nodes.
func newDistance(base, head *Node, children func(*Node) []*Node) *distance {
	certain := map[*Node]*Node{}
	for {
		b, h := children(base), children(head)
		for len(b) > 0 && len(h) > 0 && equal(b[len(b)-1], h[len(h)-1], children) {
			pairAll(b[len(b)-1], h[len(h)-1], children, certain)
			b, h = b[:len(b)-1], h[:len(h)-1]
		}
		for len(b) > 0 && len(h) > 0 && equal(b[0], h[0], children) {
			pairAll(b[0], h[0], children, certain)
			b, h = b[1:], h[1:]
		}
		if len(b) == 1 && len(h) == 1 && relabel(b[0], h[0]) <= avoidingWeight {
			certain[base] = head
			base, head = b[0], h[0]
			continue
		}
		rest := below(base, b, head, h, children)
		d := &distance{base: newPostorder(base, rest), head: newPostorder(head, rest), certain: certain}
		if len(d.base.nodes)*len(d.head.nodes) > maxPairs {
			certain[base] = head
			d.divide(b, h, children)
		}
		return d
	}
}

// maxPairs bounds the pairs of nodes of which the cheapest way is computed, with 8 bytes for each.
const maxPairs = 1 << 20

// divide compares the children b and h in parts: those between equal trees or, where there are
// none, between and within trees whose roots are alike. Where nothing is alike, nothing pairs.
func (d *distance) divide(b, h []*Node, children func(*Node) []*Node) {
	for _, n := range slices.Concat(d.base.nodes[:len(d.base.nodes)-1], d.head.nodes[:len(d.head.nodes)-1]) {
		d.apart += n.weight()
	}
	d.divided, d.base, d.head = true, postorder{}, postorder{}
	seen := numbers{}
	equals := common(b, h, func(n *Node) int { return seen.tree(n, children) })
	likes := equals
	if len(equals) == 0 {
		likes = common(b, h, seen.root)
	}
	if len(likes) == 0 {
		return
	}
	d.apart = 0
	part := func(b, h []*Node) {
		if len(b)+len(h) == 0 {
			return
		}
		base, head := &Node{}, &Node{}
		d.parts = append(d.parts, newDistance(base, head, below(base, b, head, h, children)))
	}
	i, j := 0, 0
	for _, like := range likes {
		x, y := like[0], like[1]
		part(b[i:x], h[j:y])
		if i, j = x+1, y+1; len(equals) > 0 {
			pairAll(b[x], h[y], children, d.certain)
		} else {
			d.certain[b[x]] = h[y]
			d.apart += relabel(b[x], h[y])
			part(children(b[x]), children(h[y]))
		}
	}
	part(b[i:], h[j:])
}

// below returns children, with other ones of base and head.
func below(base *Node, b []*Node, head *Node, h []*Node, children func(*Node) []*Node) func(*Node) []*Node {
	return func(n *Node) []*Node {
		switch n {
		case base:
			return b
		case head:
			return h
		}
		return children(n)
	}
}

// equal reports whether all nodes of two trees pair without cost.
func equal(b, h *Node, children func(*Node) []*Node) bool {
	return relabel(b, h) == 0 &&
		slices.EqualFunc(children(b), children(h), func(b, h *Node) bool { return equal(b, h, children) })
}

// pairAll adds the pairs of two equal trees to pairs.
func pairAll(b, h *Node, children func(*Node) []*Node, pairs map[*Node]*Node) {
	pairs[b] = h
	below := children(h)
	for i, child := range children(b) {
		pairAll(child, below[i], children, pairs)
	}
}

func (d *distance) work() int {
	work := d.base.work() * d.head.work()
	for _, part := range d.parts {
		work += part.work()
	}
	return work
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
func (d *distance) compute(i, j int) {
	fromX, fromY := d.base.first[i], d.head.first[j]
	top := d.forests[fromX]
	top[fromY] = 0
	for y := fromY; y <= j; y++ {
		top[y+1] = top[y] + d.head.weights[y]
	}
	firsts, weights := d.head.first[:j+1], d.head.weights[:j+1]
	for x := fromX; x <= i; x++ {
		weight, first := d.base.weights[x], d.base.first[x]
		above, row, tree, before := d.forests[x], d.forests[x+1], d.trees[x], d.forests[first]
		left := above[fromY] + weight // the cell of row before that of y
		row[fromY] = left
		for y := fromY; y <= j; y++ {
			left = min(above[y+1]+weight, left+weights[y])
			if first == fromX && firsts[y] == fromY {
				left = min(left, above[y]+relabel(d.base.nodes[x], d.head.nodes[y]))
				tree[y] = left
			} else {
				left = min(left, before[firsts[y]]+tree[y])
			}
			row[y+1] = left
		}
	}
}

// trace adds the pairs within the subtrees of i and j.
func (d *distance) trace(i, j int, pairs map[*Node]*Node) {
	d.compute(i, j)
	var later [][2]int // forests holds only one pair of subtrees at a time
	fromX, fromY := d.base.first[i], d.head.first[j]
	for x, y := i, j; x >= fromX && y >= fromY; {
		firstX, firstY := d.base.first[x], d.head.first[y]
		whole := firstX == fromX && firstY == fromY
		b, h := d.base.nodes[x], d.head.nodes[y]
		switch best := d.forests[x+1][y+1]; {
		case whole && best == d.forests[x][y]+relabel(b, h):
			pairs[b] = h
			x, y = x-1, y-1
		case !whole && best == d.forests[firstX][firstY]+d.trees[x][y]:
			later = append(later, [2]int{x, y})
			x, y = firstX-1, firstY-1
		case best == d.forests[x][y+1]+d.base.weights[x]:
			x--
		default:
			y--
		}
	}
	for _, next := range later {
		d.trace(next[0], next[1], pairs)
	}
}

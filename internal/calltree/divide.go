package calltree

import (
	"fmt"
	"slices"
	"strings"
)

// maxPairs bounds the pairs of nodes of which the cheapest way is computed, with 8 bytes for each.
const maxPairs = 1 << 20

// divide compares the children b and h in parts: those between equal trees or, where there are
// none, between and within trees whose roots are alike. Where nothing is alike, nothing pairs.
func (d *distance) divide(b, h []*Node, children func(*Node) []*Node) {
	for _, n := range slices.Concat(d.base.nodes[:len(d.base.nodes)-1], d.head.nodes[:len(d.head.nodes)-1]) {
		d.unpaired += n.weight()
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
	d.unpaired = 0
	part := func(b, h []*Node) {
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
			part(b[x:i], h[y:j])
		}
	}
	part(b[i:], h[j:])
}

// numbers gives each text a number.
type numbers map[string]int

func (s numbers) of(text string) int {
	if _, known := s[text]; !known {
		s[text] = len(s)
	}
	return s[text]
}

// root returns the number of the nodes that are like n, whatever is below them.
func (s numbers) root(n *Node) int { return s.of(fmt.Sprintf("%q %q %q", n.Kind, n.Name, n.Function)) }

// tree returns the number of the trees that are equal to n.
func (s numbers) tree(n *Node, children func(*Node) []*Node) int {
	var b strings.Builder
	fmt.Fprint(&b, s.root(n), n.Count, n.Cost.Repeated())
	for _, child := range children(n) {
		fmt.Fprint(&b, " ", s.tree(child, children))
	}
	return s.of(b.String())
}

// common returns, ascending, the positions of the most nodes that occur in both b and h in the
// same order. The first of several with one number is that with the first of the other side.
func common(b, h []*Node, number func(*Node) int) [][2]int {
	occurrences := func(nodes []*Node) (list [][2]int) {
		times := map[int]int{}
		for _, n := range nodes {
			k := number(n)
			list = append(list, [2]int{k, times[k]})
			times[k]++
		}
		return list
	}
	inHead := map[[2]int]int{}
	for j, o := range occurrences(h) {
		inHead[o] = j
	}
	// The longest ascending run of positions in h: ends holds, for each length, the last link of
	// the run that ends lowest.
	type link struct {
		at     [2]int
		before *link
	}
	var ends []*link
	for i, o := range occurrences(b) {
		j, ok := inHead[o]
		if !ok {
			continue
		}
		n, _ := slices.BinarySearchFunc(ends, j, func(l *link, j int) int { return l.at[1] - j })
		l := &link{at: [2]int{i, j}}
		if n > 0 {
			l.before = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, nil)
		}
		ends[n] = l
	}
	var run [][2]int
	if len(ends) > 0 {
		for l := ends[len(ends)-1]; l != nil; l = l.before {
			run = append(run, l.at)
		}
	}
	slices.Reverse(run)
	return run
}

package calltree

import (
	"fmt"
	"strings"
)

// markAgain sets Again below roots, the roots of one operation.
func markAgain(roots []*Node) {
	shapes := shapes{}
	for _, n := range roots {
		shapes.mark(n)
	}
}

// shapes numbers the shapes of subtrees: calls and events without lines and counts.
type shapes map[string]int

// mark sets Again for n and all below it, and returns the shape of n.
func (s shapes) mark(n *Node) int {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %q", n.Kind, n.Name, n.Function)
	for _, child := range n.Children {
		fmt.Fprintf(&b, " %d", s.mark(child))
	}
	shape, known := s[b.String()]
	if !known {
		shape = len(s)
		s[b.String()] = shape
	}
	n.Again = known && n.Cost.Total() > 0 && n.Cost.Repeated() == n.Cost.Total()
	return shape
}

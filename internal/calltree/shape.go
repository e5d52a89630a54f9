package calltree

import (
	"fmt"
	"strings"
)

// markAgain sets Again below roots, the roots of one operation.
func markAgain(roots []*Node) {
	shapes := numbers{}
	for _, n := range roots {
		shapes.mark(n)
	}
}

// mark sets Again for n and all below it, and returns the number of its shape: that of calls and
// events without lines and counts.
func (s numbers) mark(n *Node) int {
	var b strings.Builder
	b.WriteString(n.identity().String())
	for _, child := range n.Children {
		fmt.Fprintf(&b, " %d", s.mark(child))
	}
	shape, known := s.of(b.String())
	n.Again = known && n.Cost.Total() > 0 && n.Cost.Repeated() == n.Cost.Total()
	return shape
}

package calltree

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestCertainPairs checks that the pairs made beforehand are part of a cheapest way.
func TestCertainPairs(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 9))
		var list func(depth int) []*Node
		list = func(depth int) (nodes []*Node) {
			for range random.IntN(4) {
				if name := string(rune('a' + random.IntN(3))); depth == 0 || random.IntN(3) == 0 {
					nodes = append(nodes, &Node{Kind: tracer.KindQuery, Name: name, Count: 1 + random.IntN(2)})
				} else {
					nodes = append(nodes, &Node{Kind: Call, Name: name, Function: name, Children: list(depth - 1)})
				}
			}
			return nodes
		}
		var edited func(nodes []*Node) []*Node
		edited = func(nodes []*Node) (copies []*Node) {
			for _, n := range nodes {
				c := *n
				c.Children = edited(n.Children)
				switch random.IntN(8) {
				case 0:
					copies = append(copies, c.Children...)
				case 1:
					copies = append(copies, edited([]*Node{n})...)
					fallthrough
				default:
					copies = append(copies, &c)
				}
			}
			return copies
		}
		base := &Node{Children: list(3)}
		head := &Node{Children: edited(base.Children)}
		children := func(n *Node) []*Node { return n.Children }
		all := distance{base: newPostorder(base, children), head: newPostorder(head, children), certain: map[*Node]*Node{}}
		_, want := all.pairs()
		if _, got := newDistance(base, head, children).pairs(); got != want {
			t.Errorf("seed %d: a cost of %d, want %d", seed, got, want)
		}
	}
}

// TestDistanceOfManyPlaces checks that equal places take no memory for each pair of them.
func TestDistanceOfManyPlaces(t *testing.T) {
	handler := func(places ...int) *Node {
		n := &Node{Kind: Call, Name: "handler"}
		for _, i := range places {
			query := &Node{Kind: tracer.KindQuery, Name: fmt.Sprint(i), Count: 1}
			n.Children = append(n.Children, &Node{Kind: Call, Name: fmt.Sprint(i), Children: []*Node{query}})
		}
		return &Node{Children: []*Node{n}}
	}
	base, head := handler(1, 2, 3, 4, 5, 6), handler(1, 2, 3, 7, 4, 5, 6)
	d := newDistance(base, head, func(n *Node) []*Node { return n.Children })
	if len(d.base.nodes) != 1 || len(d.head.nodes) != 3 {
		t.Errorf("%d and %d nodes are left, want the handlers and the new place", len(d.base.nodes), len(d.head.nodes))
	}
}

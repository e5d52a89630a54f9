package calltree

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// edited returns a random tree and an edited copy.
func edited(seed uint64) (base, head *Node) {
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
	base = &Node{Children: list(3)}
	return base, &Node{Children: edited(base.Children)}
}

// TestCertainPairs checks that the pairs made beforehand are part of a cheapest way.
func TestCertainPairs(t *testing.T) {
	for seed := range uint64(2000) {
		base, head := edited(seed)
		all := part{base: newPostorder(inOrder(base)), head: newPostorder(inOrder(head))}
		want := all.pair(map[*Node]*Node{})
		if _, got := newDistance(inOrder(base), inOrder(head)).pairs(); got != want {
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
	d := newDistance(inOrder(base), inOrder(head))
	if len(d.parts) != 1 || len(d.parts[0].base.nodes) != 1 || len(d.parts[0].head.nodes) != 3 {
		t.Errorf("%v is left, want the handlers and the new place", d.parts)
	}
}

// TestDivided checks that a divided comparison pairs each node at most once, only equal ones below
// equal ones, and costs what its pairs cost: at least the cheapest way.
func TestDivided(t *testing.T) {
	cheapest := 0
	for seed := range uint64(2000) {
		base, head := edited(seed)
		_, least := newDistance(inOrder(base), inOrder(head)).pairs()
		d := &distance{certain: map[*Node]*Node{base: head}}
		d.divide(inOrder(base).children, inOrder(head).children)
		pairs, cost := d.pairs()
		if cost == least {
			cheapest++
		}
		var paid int32
		taken := map[*Node]bool{}
		var visit func(n *Node, f func(*Node))
		visit = func(n *Node, f func(*Node)) {
			for _, child := range n.Children {
				f(child)
				visit(child, f)
			}
		}
		visit(base, func(b *Node) {
			if h := pairs[b]; h == nil {
				paid += b.weight()
			} else {
				if taken[h] {
					t.Errorf("seed %d: %s is in two pairs", seed, h.Name)
				}
				taken[h] = true
				paid += relabel(b, h)
			}
		})
		visit(head, func(h *Node) {
			if !taken[h] {
				paid += h.weight()
			}
		})
		if paid != cost || cost < least {
			t.Errorf("seed %d: a cost of %d for pairs of %d, with a least of %d", seed, cost, paid, least)
		}
	}
	if cheapest < 1000 {
		t.Errorf("only %d of 2000 are the cheapest way", cheapest)
	}
}

// TestCompareManyPlaces finds what changed at both ends of 10,000 places, in the order of events
// and in that of a baseline. All pairs of them would be a gigabyte.
func TestCompareManyPlaces(t *testing.T) {
	tree := func(added ...int) Tree {
		root := &Node{Kind: Call, Name: "handler", Function: "handler"}
		for f := range 1000 {
			name := fmt.Sprint("step", f)
			step := &Node{Kind: Call, Name: name, Function: name}
			for q := range 10 {
				step.Children = append(step.Children, &Node{Kind: tracer.KindQuery, Name: fmt.Sprint(name, q), Count: 1, Cost: Cost{SQL: 1}})
			}
			if slices.Contains(added, f) {
				step.Children = append(step.Children, &Node{Kind: tracer.KindQuery, Name: "added", Count: 1, Cost: Cost{SQL: 1}})
			}
			root.Children = append(root.Children, step)
		}
		return Tree{Roots: []*Node{root}}
	}
	for _, base := range []Tree{tree(), tree().Bare()} {
		d := Compare(base, tree(0, 999))
		var changed []string
		for _, step := range d.Roots[0].Children {
			for _, n := range step.Children {
				if !n.Same() {
					changed = append(changed, fmt.Sprint(step.Head.Name, " ", n.Node().Name, " ", n.New()))
				}
			}
		}
		if want := []string{"step0 added true", "step999 added true"}; !slices.Equal(changed, want) {
			t.Errorf("changed: %q, want %q", changed, want)
		}
	}
}

// TestCompareBelowARecountedCheck descends into a large tree whose root is alike but not equal.
func TestCompareBelowARecountedCheck(t *testing.T) {
	tree := func(count int, last string) Tree {
		check := &Node{Kind: tracer.KindCheck, Name: "read", Count: count}
		for i := range 1100 {
			check.Children = append(check.Children, &Node{Kind: tracer.KindQuery, Name: fmt.Sprint(i), Count: 1 + i%2*count})
		}
		check.Children = append(check.Children, &Node{Kind: tracer.KindQuery, Name: last, Count: 1})
		return Tree{Roots: []*Node{check}}
	}
	d := Compare(tree(1, "old"), tree(2, "new"))
	if len(d.Roots) != 1 || d.Roots[0].Base == nil || d.Roots[0].Head == nil {
		t.Fatalf("%d roots, want the check of both", len(d.Roots))
	}
	var other []string
	for _, n := range d.Roots[0].Children {
		if n.New() || n.Gone() {
			other = append(other, n.Node().Name)
		}
	}
	slices.Sort(other)
	if !slices.Equal(other, []string{"new", "old"}) {
		t.Errorf("%q are on one side only, want new and old", other)
	}
}

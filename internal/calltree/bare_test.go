package calltree_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
)

// TestSameAsBare compares trees with themselves without lines, in any order.
func TestSameAsBare(t *testing.T) {
	for seed := range uint64(500) {
		random := rand.New(rand.NewPCG(seed, 2))
		head := reporttest.RandomTree(random, 1+random.IntN(10))
		base := head.Bare()
		var shuffle func(nodes []*calltree.Node)
		shuffle = func(nodes []*calltree.Node) {
			random.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
			for _, n := range nodes {
				shuffle(n.Children)
			}
		}
		shuffle(base.Roots)
		d := calltree.Compare(base, head)
		if !d.Same() || d.BaseCost != d.HeadCost {
			t.Errorf("seed %d: not the same: %+v, %+v", seed, d.BaseCost, d.HeadCost)
		}
	}
}

// TestNewAmongBare checks that exactly the added place is new, also beside equal ones, and that
// repeats are unchanged.
func TestNewAmongBare(t *testing.T) {
	work := func(more bool) calltree.Tree {
		return calltree.New(reporttest.Result("v", 3, reporttest.Operate(func(o *reporttest.Operation) {
			o.Call(0, "shop.(*Shop).List", "list.go", func() {
				o.Query(1, "ListOrders", "")
				read := func(line int) {
					for _, id := range []string{"a", "b", "c"} {
						o.Call(line, "shop.price[...]", "price.go", func() { o.Query(9, "Price", id) })
					}
				}
				read(2)
				o.Query(3, "CountOrders", "")
				if more {
					read(4)
				}
				read(5)
			})
		})))
	}
	d := calltree.Compare(work(false).Bare(), work(true))
	var added []string
	for _, part := range d.Parts() {
		if !part.WhollyNew() {
			t.Errorf("%+v is no new one", part.Node())
		}
		added = append(added, part.Node().Name+" "+part.Node().Site)
	}
	if len(added) != 1 || !slices.Contains([]string{"price list.go:2", "price list.go:4", "price list.go:5"}, added[0]) {
		t.Errorf("new: %q", added)
	}
	if d.BaseCost.SQL != 8 || d.HeadCost.SQL != 11 || d.BaseCost.SQLRepeated != d.HeadCost.SQLRepeated {
		t.Errorf("costs %+v, %+v", d.BaseCost, d.HeadCost)
	}
}

package calltree_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func nodesOf(roots []*calltree.Node) map[*calltree.Node]int {
	found := map[*calltree.Node]int{}
	for _, n := range roots {
		found[n]++
		for child, times := range nodesOf(n.Children) {
			found[child] += times
		}
	}
	return found
}

func TestTreeDiffHasEachNodeOnce(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 0))
		base, head := reporttest.RandomTree(random, 1+random.IntN(8)), reporttest.RandomTree(random, 1+random.IntN(8))
		inBase, inHead := nodesOf(base.Roots), nodesOf(head.Roots)
		d := calltree.Compare(base, head)
		var visit func(list []*calltree.NodeDiff, headOrder []*calltree.Node) (b, h calltree.Cost)
		visit = func(list []*calltree.NodeDiff, headOrder []*calltree.Node) (b, h calltree.Cost) {
			var inOrder, children []*calltree.Node
			for _, n := range list {
				if n.Base != nil {
					inBase[n.Base]--
					children = nil
				}
				if n.Head != nil {
					inHead[n.Head]--
					inOrder = append(inOrder, n.Head)
					children = n.Head.Children
				}
				if n.Base != nil && n.Head != nil && n.Base.Kind != n.Head.Kind {
					t.Errorf("seed %d: %s and %s are a pair", seed, n.Base.Kind, n.Head.Kind)
				}
				visit(n.Children, children)
				b, h = addCosts(b, n.BaseCost), addCosts(h, n.HeadCost)
			}
			if !slices.Equal(inOrder, headOrder) {
				t.Errorf("seed %d: the nodes of the head are not in its structure", seed)
			}
			return b, h
		}
		b, h := visit(d.Roots, head.Roots)
		if b != base.Cost || h != head.Cost {
			t.Errorf("seed %d: costs %+v and %+v, want %+v and %+v", seed, b, h, base.Cost, head.Cost)
		}
		for _, left := range []map[*calltree.Node]int{inBase, inHead} {
			for n, times := range left {
				if times != 0 {
					t.Errorf("seed %d: %s %s is there %d times", seed, n.Kind, n.Name, 1-times)
				}
			}
		}
	}
}

func addCosts(a, b calltree.Cost) calltree.Cost {
	return calltree.Cost{
		SQL: a.SQL + b.SQL, SQLRepeated: a.SQLRepeated + b.SQLRepeated,
		RBAC: a.RBAC + b.RBAC, RBACRepeated: a.RBACRepeated + b.RBACRepeated,
	}
}

func TestTreeDiffWithItself(t *testing.T) {
	check := func(name string, tree, again calltree.Tree) {
		d := calltree.Compare(tree, again)
		for _, root := range d.Roots {
			if !root.Same() || root.BaseCost != root.HeadCost {
				t.Errorf("%s: %s %s differs from itself", name, root.Head.Kind, root.Head.Name)
			}
		}
	}
	for seed := range uint64(500) {
		tree := func() calltree.Tree {
			random := rand.New(rand.NewPCG(seed, 1))
			return reporttest.RandomTree(random, 1+random.IntN(12))
		}
		check(fmt.Sprintf("seed %d", seed), tree(), tree())
	}
}

// TestTreeDiffOfLargeTrees checks that large trees of the most expensive shapes terminate.
func TestTreeDiffOfLargeTrees(t *testing.T) {
	comb := func(depth int, before, after bool) func(version string) calltree.Tree {
		return func(version string) calltree.Tree {
			var down func(o *reporttest.Operation, depth int)
			down = func(o *reporttest.Operation, depth int) {
				if depth == 0 {
					return
				}
				o.Call(9, "p."+version, "p.go", func() {
					if before {
						o.Query(1, "Before", "")
					}
					down(o, depth-1)
					if after || depth == 1 {
						o.Query(2, "After"+version, "")
					}
				})
			}
			return calltree.New(reporttest.Result(version, 1, reporttest.Operate(func(o *reporttest.Operation) { down(o, depth) })))
		}
	}
	bushy := func(version string) calltree.Tree {
		return calltree.New(scenarios.Result{Recording: reporttest.Operate(func(o *reporttest.Operation) {
			for i := range 300 {
				path := strings.Split(fmt.Sprintf("%04b", i%16), "")
				var down func()
				down = func() {
					if len(path) == 0 {
						o.Query(i, version+fmt.Sprint(i%7), "")
						return
					}
					name := path[0]
					path = path[1:]
					o.Call(9, "p."+name, "p.go", down)
				}
				down()
			}
		})})
	}
	for name, tree := range map[string]func(version string) calltree.Tree{
		"left comb": comb(150, false, true), "right comb": comb(150, true, false), "both": comb(70, true, true), "bushy": bushy,
	} {
		base, head := tree("v1"), tree("v2")
		if d := calltree.Compare(base, head); d.BaseCost != base.Cost || d.HeadCost != head.Cost {
			t.Errorf("%s: the difference costs %v and %v, the trees %v and %v", name, d.BaseCost, d.HeadCost, base.Cost, head.Cost)
		}
	}
}

package report_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func nodesOf(roots []*report.Node) map[*report.Node]int {
	found := map[*report.Node]int{}
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
		base, head := randomTree(random, 1+random.IntN(8)), randomTree(random, 1+random.IntN(8))
		inBase, inHead := nodesOf(base.Roots), nodesOf(head.Roots)
		d := report.DiffTrees(base, head)
		var visit func(list []*report.NodeDiff, headOrder []*report.Node) (b, h report.Cost)
		visit = func(list []*report.NodeDiff, headOrder []*report.Node) (b, h report.Cost) {
			var inOrder, children []*report.Node
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
		for _, left := range []map[*report.Node]int{inBase, inHead} {
			for n, times := range left {
				if times != 0 {
					t.Errorf("seed %d: %s %s is there %d times", seed, n.Kind, n.Name, 1-times)
				}
			}
		}
	}
}

func addCosts(a, b report.Cost) report.Cost {
	return report.Cost{
		SQL: a.SQL + b.SQL, SQLAvoidable: a.SQLAvoidable + b.SQLAvoidable,
		RBAC: a.RBAC + b.RBAC, RBACAvoidable: a.RBACAvoidable + b.RBACAvoidable,
	}
}

func TestTreeDiffWithItself(t *testing.T) {
	check := func(name string, tree, again report.Tree) {
		d := report.DiffTrees(tree, again)
		for _, root := range d.Roots {
			if !root.Same() || root.BaseCost != root.HeadCost {
				t.Errorf("%s: %s %s differs from itself", name, root.Head.Kind, root.Head.Name)
			}
		}
	}
	for seed := range uint64(500) {
		tree := func() report.Tree {
			random := rand.New(rand.NewPCG(seed, 1))
			return randomTree(random, 1+random.IntN(12))
		}
		check(fmt.Sprintf("seed %d", seed), tree(), tree())
	}
}

// TestTreeDiffOfLargeTrees has trees that are larger than those of real operations,
// of the shapes that are hardest: it is to end.
func TestTreeDiffOfLargeTrees(t *testing.T) {
	comb := func(depth int, before, after bool) func(version string) report.Tree {
		return func(version string) report.Tree {
			var down func(o *operation, depth int)
			down = func(o *operation, depth int) {
				if depth == 0 {
					return
				}
				o.call(9, "p."+version, "p.go", func() {
					if before {
						o.query(1, "Before", "")
					}
					down(o, depth-1)
					if after || depth == 1 {
						o.query(2, "After"+version, "")
					}
				})
			}
			return report.NewTree(result(version, 1, operate(func(o *operation) { down(o, depth) })))
		}
	}
	bushy := func(version string) report.Tree {
		return report.NewTree(scenarios.Result{Recording: operate(func(o *operation) {
			for i := range 300 {
				path := strings.Split(fmt.Sprintf("%04b", i%16), "")
				var down func()
				down = func() {
					if len(path) == 0 {
						o.query(i, version+fmt.Sprint(i%7), "")
						return
					}
					name := path[0]
					path = path[1:]
					o.call(9, "p."+name, "p.go", down)
				}
				down()
			}
		})})
	}
	for name, tree := range map[string]func(version string) report.Tree{
		"left comb": comb(150, false, true), "right comb": comb(150, true, false), "both": comb(70, true, true), "bushy": bushy,
	} {
		base, head := tree("v1"), tree("v2")
		if d := report.DiffTrees(base, head); d.BaseCost != base.Cost || d.HeadCost != head.Cost {
			t.Errorf("%s: the difference costs %v and %v, the trees %v and %v", name, d.BaseCost, d.HeadCost, base.Cost, head.Cost)
		}
	}
}

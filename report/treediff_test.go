package report_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// usersTree is that of a handler that reads users and what they own in different ways.
func usersTree(version string, body func(o *operation)) report.Tree {
	return report.NewTree(result(version, 2, operate(func(o *operation) {
		o.call(0, "users.(*Handler).List", "users/handler.go", func() { body(o) })
	})))
}

func readUsers(o *operation) {
	o.query(10, "ListUsers", "")
	o.check(11, "read user", "1")
}

func readOrders(o *operation, times int) {
	for i := range times {
		o.call(20, "orders.(*Store).OfUser", "orders/store.go", func() {
			o.query(5, "ListOrders", fmt.Sprint(i))
			o.query(6, "CountOrders", fmt.Sprint(i))
		})
	}
}

func TestTreeDiffText(t *testing.T) {
	both := usersTree("v1", func(o *operation) { readUsers(o); readOrders(o, 2) })
	helper := usersTree("v2", func(o *operation) {
		readUsers(o)
		o.call(15, "users.expand", "users/expand.go", func() { readOrders(o, 2) })
	})
	named := func(function string, more ...string) report.Tree {
		return usersTree("v2", func(o *operation) {
			o.call(15, function, "users/expand.go", func() {
				readUsers(o)
				for _, name := range more {
					o.query(30, name, "")
				}
			})
		})
	}
	refused := both
	refused.Outcome = "403"
	for _, test := range []struct {
		name       string
		base, head report.Tree
	}{
		{"incident-1", report.NewTree(result("rc.2", 1, rc2(1))), report.NewTree(result("rc.3", 1, rc3(1)))},
		{"incident-2", report.NewTree(result("rc.2", 2, rc2(2))), report.NewTree(result("rc.3", 2, rc3(2)))},
		{"incident-mended", report.NewTree(result("rc.3", 2, rc3(2))), report.NewTree(result("rc.2", 2, rc2(2)))},
		{"same", both, both},
		{"outcomes", both, refused},
		{"more", both, usersTree("v2", func(o *operation) { readUsers(o); readOrders(o, 9) })},
		{"helper-new", both, helper},
		{"helper-gone", helper, both},
		{"renamed", named("users.expand"), named("users.Expand")},
		{"moved", named("users.expand"), named("accounts.expand")},
		{"renamed-and-more", named("users.expandAll"), named("users.expandSome", "GetTeam")},
		{"not-renamed", named("users.expand"), usersTree("v2", func(o *operation) {
			o.call(15, "teams.load", "teams/load.go", func() {
				o.query(30, "GetTeam", "")
				o.check(11, "read user", "1")
			})
		})},
		{"different", both, report.NewTree(result("v2", 2, rc3(2)))},
		{"from-nothing", treeOf(func(*operation) {}), both},
		{"to-nothing", both, treeOf(func(*operation) {})},
		{"nothing", treeOf(func(*operation) {}), treeOf(func(*operation) {})},
		{"hostile", hostileTree(1), hostileTree(2)},
	} {
		t.Run(test.name, func(t *testing.T) {
			width := 100
			if test.name == "hostile" {
				width = 200 // for the prose
			}
			checkText(t, "tree-diff-"+test.name, width, report.DiffTrees(test.base, test.head).Text)
		})
	}
}

func TestTreeDiffJSON(t *testing.T) {
	incident := report.DiffTrees(report.NewTree(result("rc.2", 2, rc2(2))), report.NewTree(result("rc.3", 2, rc3(2))))
	checkJSON(t, "tree-diff-incident-2", incident.JSON)
	checkHarmless(t, report.DiffTrees(hostileTree(1), hostileTree(2)).JSON)
}

// randomTree has few names, so that much of any two is alike, and calls of the same
// name below each other.
func randomTree(random *rand.Rand, events int) report.Tree {
	return report.NewTree(result("v", 1, operate(func(o *operation) {
		for range events {
			var down func(depth int)
			down = func(depth int) {
				if depth == 0 {
					name := string(rune('a' + random.IntN(3)))
					if random.IntN(2) == 0 {
						o.query(random.IntN(2), name, name)
					} else {
						o.check(random.IntN(2), name, name)
					}
					return
				}
				o.call(random.IntN(2), "p."+string(rune('f'+random.IntN(3))), "p.go", func() { down(depth - 1) })
			}
			down(random.IntN(5))
		}
	})))
}

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
		if err := d.Text(io.Discard, term.Style{}); err != nil {
			t.Error(err)
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
	for _, test := range treeCases {
		check(test.name, test.tree, test.tree)
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

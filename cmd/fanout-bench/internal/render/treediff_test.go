package render_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/tree"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// usersTree returns the tree of a handler that reads users and their data in different ways.
func usersTree(version string, body func(o *reporttest.Operation)) calltree.Tree {
	return calltree.New(reporttest.Result(version, 2, reporttest.Operate(func(o *reporttest.Operation) {
		o.Call(0, "users.(*Handler).List", "users/handler.go", func() { body(o) })
	})))
}

func readUsers(o *reporttest.Operation) {
	o.Query(10, "ListUsers", "")
	o.Check(11, "read user", "1")
}

func readOrders(o *reporttest.Operation, times int) {
	for i := range times {
		o.Call(20, "orders.(*Store).OfUser", "orders/store.go", func() {
			o.Query(5, "ListOrders", fmt.Sprint(i))
			o.Query(6, "CountOrders", fmt.Sprint(i))
		})
	}
}

func TestTreeDiffText(t *testing.T) {
	both := usersTree("v1", func(o *reporttest.Operation) { readUsers(o); readOrders(o, 2) })
	helper := usersTree("v2", func(o *reporttest.Operation) {
		readUsers(o)
		o.Call(15, "users.expand", "users/expand.go", func() { readOrders(o, 2) })
	})
	named := func(function string, more ...string) calltree.Tree {
		return usersTree("v2", func(o *reporttest.Operation) {
			o.Call(15, function, "users/expand.go", func() {
				readUsers(o)
				for _, name := range more {
					o.Query(30, name, "")
				}
			})
		})
	}
	refused := both
	refused.Outcome = "403"
	for _, test := range []struct {
		name       string
		base, head calltree.Tree
	}{
		{"incident-2", calltree.New(reporttest.Result("rc.2", 2, reporttest.RC2(2))), calltree.New(reporttest.Result("rc.3", 2, reporttest.RC3(2)))},
		{"same", both, both},
		{"outcomes", both, refused},
		{"more", both, usersTree("v2", func(o *reporttest.Operation) { readUsers(o); readOrders(o, 9) })},
		{"helper-new", both, helper},
		{"helper-gone", helper, both},
		{"renamed", named("users.expand"), named("users.Expand")},
		{"moved", named("users.expand"), named("accounts.expand")},
		{"renamed-and-more", named("users.expandAll"), named("users.expandSome", "GetTeam")},
		{"not-renamed", named("users.expand"), usersTree("v2", func(o *reporttest.Operation) {
			o.Call(15, "teams.load", "teams/load.go", func() {
				o.Query(30, "GetTeam", "")
				o.Check(11, "read user", "1")
			})
		})},
		{"different", both, calltree.New(reporttest.Result("v2", 2, reporttest.RC3(2)))},
		{"from-nothing", treeOf(func(*reporttest.Operation) {}), both},
		{"to-nothing", both, treeOf(func(*reporttest.Operation) {})},
		{"nothing", treeOf(func(*reporttest.Operation) {}), treeOf(func(*reporttest.Operation) {})},
		{"hostile", hostileTree(1), hostileTree(2)},
	} {
		t.Run(test.name, func(t *testing.T) {
			width := 100
			if test.name == "hostile" {
				width = 200 // for the prose
			}
			checkText(t, "tree-diff-"+test.name, width, styled(tree.DiffText, calltree.Compare(test.base, test.head)))
		})
	}
}

func TestTreeDiffJSON(t *testing.T) {
	incident := calltree.Compare(calltree.New(reporttest.Result("rc.2", 2, reporttest.RC2(2))), calltree.New(reporttest.Result("rc.3", 2, reporttest.RC3(2))))
	checkJSON(t, "tree-diff-incident-2", plain(json.TreeDiff, incident))
	checkHarmless(t, plain(json.TreeDiff, calltree.Compare(hostileTree(1), hostileTree(2))))
}

// TestTreeDiffTextOfAny renders differences of various trees, and of each tree with itself.
func TestTreeDiffTextOfAny(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		base, head := reporttest.RandomTree(random, 1+random.IntN(8)), reporttest.RandomTree(random, 1+random.IntN(8))
		if got := tree.DiffText(calltree.Compare(base, head), term.Style{}); !strings.HasPrefix(got, "agents/1, v: ") {
			t.Errorf("seed %d: %s", seed, got)
		}
	}
	for _, test := range treeCases {
		if text := tree.DiffText(calltree.Compare(test.tree, test.tree), term.Style{}); len(test.tree.Roots) > 0 && !strings.Contains(text, "Both run the same queries and checks.") {
			t.Errorf("%s beside itself:\n%s", test.name, text)
		}
	}
}

package report_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
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

// TestTreeDiffTextOfAny draws trees of all sorts, and each tree beside itself.
func TestTreeDiffTextOfAny(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		base, head := randomTree(random, 1+random.IntN(8)), randomTree(random, 1+random.IntN(8))
		if err := report.DiffTrees(base, head).Text(io.Discard, term.Style{}); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	for _, test := range treeCases {
		var b strings.Builder
		if err := report.DiffTrees(test.tree, test.tree).Text(&b, term.Style{}); err != nil {
			t.Error(err)
		}
		if text := b.String(); len(test.tree.Roots) > 0 && !strings.Contains(text, "Both ask for the same.") {
			t.Errorf("%s beside itself:\n%s", test.name, text)
		}
	}
}

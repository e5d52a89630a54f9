package render_test

import (
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/tree"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// treeOf returns the tree of an operation in version v1.
func treeOf(run func(o *reporttest.Operation)) calltree.Tree {
	return calltree.New(reporttest.Result("v1", 2, reporttest.Operate(run)))
}

var treeCases = []struct {
	name string
	tree calltree.Tree
}{
	{"rc2-1", calltree.New(reporttest.Result("rc.2", 1, reporttest.RC2(1)))},
	{"rc3-2", calltree.New(reporttest.Result("rc.3", 2, reporttest.RC3(2)))},
	{"nothing", treeOf(func(*reporttest.Operation) {})},
	{"no-stacks", treeOf(func(o *reporttest.Operation) {
		o.Query(0, "GetUser", "1")
		o.Check(0, "read user", "1")
		o.Query(0, "GetUser", "1")
	})},
	{"check-with-query", treeOf(func(o *reporttest.Operation) {
		o.Call(0, "orders.List", "orders/list.go", func() {
			for _, order := range []string{"1", "2", "3"} {
				o.Event(12, tracer.KindCheck, "read order", order, func() {
					o.Call(12, "rbac.Allowed", "rbac/rbac.go", func() {
						o.Query(7, "RolesOfUser", "me")
					})
				})
			}
		})
	})},
	{"batch", treeOf(func(o *reporttest.Operation) {
		o.Call(0, "orders.(*Service).List", "orders/list.go", func() {
			o.Event(9, tracer.KindTx, "begin", "")
			o.Event(12, tracer.KindBatch, "", "", func() {
				o.Query(12, "GetOrder", "1")
				o.Query(12, "GetOrder", "2")
				o.Query(12, "GetOrder", "2")
			})
			o.Event(15, tracer.KindCopy, "COPY orders", "")
			o.Event(15, tracer.KindCopy, "COPY orders", "")
			o.Event(20, tracer.KindTx, "commit", "")
		})
	})},
	{"goroutine", treeOf(func(o *reporttest.Operation) {
		o.Call(0, "orders.List", "orders/list.go", func() {
			o.Query(5, "ListOrders", "me")
			o.Event(12, tracer.KindBatch, "", "", func() {
				elsewhere(o, func() { o.Query(3, "GetOrder", "1") })
			})
			elsewhere(o, func() { o.Query(3, "GetUser", "me") })
		})
	})},
	{"left-out", treeOf(func(o *reporttest.Operation) {
		o.Call(0, "orders.List", "orders/list.go", func() {
			o.Event(5, tracer.KindAcquire, "", "", func() {
				o.Event(5, tracer.KindConnect, "", "")
				o.Event(5, tracer.KindSetup, "SET search_path", "")
			})
			o.Event(5, tracer.KindPrepare, "GetOrder", "", func() { o.Query(5, "GetOrder", "1") })
			o.Query(6, "GetOrder", "2")
			o.Events[len(o.Events)-1].Outcome = tracer.OutcomeSkipped
			o.Query(6, "GetOrder", "2")
			o.Query(7, "GetOrder", "3")
			o.Events[len(o.Events)-1].Outcome = tracer.OutcomeNotSent
			o.Query(7, "GetOrder", "4")
			o.Events[len(o.Events)-1].Outcome = tracer.OutcomeFailed
		})
	})},
	{"deep-chain", treeOf(func(o *reporttest.Operation) { descend(o, 60, func(int) {}) })},
	{"deep-comb", treeOf(func(o *reporttest.Operation) {
		descend(o, 60, func(depth int) { o.Query(8, "GetFolder", strings.Repeat("x", depth)) })
	})},
	{"hostile", hostileTree(1)},
}

// elsewhere runs body in a server's goroutine, whose stack does not contain the caller.
func elsewhere(o *reporttest.Operation, body func()) {
	stack := o.Stack
	o.Stack = nil
	o.Call(0, "worker.(*Pool).run", "worker/pool.go", body)
	o.Stack = stack
}

// descend recurses and does work on each level.
func descend(o *reporttest.Operation, depth int, each func(depth int)) {
	o.Call(9, "folders.walk", "folders/walk.go", func() {
		each(depth)
		if depth == 0 {
			o.Query(10, "GetFile", "1")
			return
		}
		descend(o, depth-1, each)
	})
}

func hostileTree(n int) calltree.Tree {
	long := strings.Repeat("long", 2500)
	recording := reporttest.Operate(func(o *reporttest.Operation) {
		o.Call(0, reporttest.Hostile, "::error::"+reporttest.Hostile+".go", func() {
			o.Call(1, "a."+long, long+"/"+long+".go", func() {
				for range n {
					o.Query(123456789, long, "1")
				}
				o.Query(2, reporttest.Hostile, "1")
				o.Check(3, "::error::"+reporttest.Hostile, "1")
			})
			o.Event(4, tracer.Kind("tx"), "", "")
		})
		o.Stack = []tracer.Frame{{}}
		o.Query(0, "", "")
	})
	return calltree.New(scenarios.Result{
		Cell: scenarios.Cell{Scenario: reporttest.Hostile, N: n, Version: reporttest.Hostile + long}, Outcome: reporttest.Hostile + long, Recording: recording,
	})
}

func TestTreeText(t *testing.T) {
	for _, test := range treeCases {
		t.Run(test.name, func(t *testing.T) {
			width := 100
			if test.name == "hostile" {
				width = 160 // for the prose
			}
			checkText(t, "tree-"+test.name, width, styled(tree.Text, test.tree))
		})
	}
}

func TestTreeJSON(t *testing.T) {
	checkJSON(t, "tree-rc3-2", plain(json.Tree, calltree.New(reporttest.Result("rc.3", 2, reporttest.RC3(2)))))
	checkJSON(t, "tree-nothing", plain(json.Tree, treeOf(func(*reporttest.Operation) {})))
	checkHarmless(t, plain(json.Tree, hostileTree(1)))
}

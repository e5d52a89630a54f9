package report_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/golden"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// treeOf returns the tree of an operation in version v1.
func treeOf(run func(o *operation)) report.Tree { return report.NewTree(result("v1", 2, operate(run))) }

var treeCases = []struct {
	name string
	tree report.Tree
}{
	{"rc2-1", report.NewTree(result("rc.2", 1, rc2(1)))},
	{"rc3-1", report.NewTree(result("rc.3", 1, rc3(1)))},
	{"rc3-2", report.NewTree(result("rc.3", 2, rc3(2)))},
	{"nothing", treeOf(func(*operation) {})},
	{"no-stacks", treeOf(func(o *operation) {
		o.query(0, "GetUser", "1")
		o.check(0, "read user", "1")
		o.query(0, "GetUser", "1")
	})},
	{"check-with-query", treeOf(func(o *operation) {
		o.call(0, "orders.List", "orders/list.go", func() {
			for _, order := range []string{"1", "2", "3"} {
				o.event(12, tracer.Check, "read order", order, func() {
					o.call(12, "rbac.Allowed", "rbac/rbac.go", func() {
						o.query(7, "RolesOfUser", "me")
					})
				})
			}
		})
	})},
	{"batch", treeOf(func(o *operation) {
		o.call(0, "orders.(*Service).List", "orders/list.go", func() {
			o.event(9, tracer.Tx, "begin", "")
			o.event(12, tracer.Batch, "", "", func() {
				o.query(12, "GetOrder", "1")
				o.query(12, "GetOrder", "2")
				o.query(12, "GetOrder", "2")
			})
			o.event(15, tracer.Copy, "COPY orders", "")
			o.event(15, tracer.Copy, "COPY orders", "")
			o.event(20, tracer.Tx, "commit", "")
		})
	})},
	{"goroutine", treeOf(func(o *operation) {
		o.call(0, "orders.List", "orders/list.go", func() {
			o.query(5, "ListOrders", "me")
			o.event(12, tracer.Batch, "", "", func() {
				elsewhere(o, func() { o.query(3, "GetOrder", "1") })
			})
			elsewhere(o, func() { o.query(3, "GetUser", "me") })
		})
	})},
	{"left-out", treeOf(func(o *operation) {
		o.call(0, "orders.List", "orders/list.go", func() {
			o.event(5, tracer.Acquire, "", "", func() {
				o.event(5, tracer.Connect, "", "")
				o.event(5, tracer.Setup, "SET search_path", "")
			})
			o.event(5, tracer.Prepare, "GetOrder", "", func() { o.query(5, "GetOrder", "1") })
			o.query(6, "GetOrder", "2")
			o.events[len(o.events)-1].Outcome = tracer.Skipped
			o.query(6, "GetOrder", "2")
			o.query(7, "GetOrder", "3")
			o.events[len(o.events)-1].Outcome = tracer.NotSent
			o.query(7, "GetOrder", "4")
			o.events[len(o.events)-1].Outcome = tracer.Failed
		})
	})},
	{"deep-chain", treeOf(func(o *operation) { descend(o, 60, func(int) {}) })},
	{"deep-comb", treeOf(func(o *operation) {
		descend(o, 60, func(depth int) { o.query(8, "GetFolder", strings.Repeat("x", depth)) })
	})},
	{"hostile", hostileTree(1)},
}

// elsewhere runs body in a goroutine of a server: its stack has nothing in common
// with that of who started it.
func elsewhere(o *operation, body func()) {
	stack := o.stack
	o.stack = nil
	o.call(0, "worker.(*Pool).run", "worker/pool.go", body)
	o.stack = stack
}

// descend is recursion with something to do on each level.
func descend(o *operation, depth int, each func(depth int)) {
	o.call(9, "folders.walk", "folders/walk.go", func() {
		each(depth)
		if depth == 0 {
			o.query(10, "GetFile", "1")
			return
		}
		descend(o, depth-1, each)
	})
}

func hostileTree(n int) report.Tree {
	long := strings.Repeat("long", 2500)
	recording := operate(func(o *operation) {
		o.call(0, hostile, "::error::"+hostile+".go", func() {
			o.call(1, "a."+long, long+"/"+long+".go", func() {
				for range n {
					o.query(123456789, long, "1")
				}
				o.query(2, hostile, "1")
				o.check(3, "::error::"+hostile, "1")
			})
			o.event(4, tracer.Kind("tx"), "", "")
		})
		o.stack = []tracer.Frame{{}}
		o.query(0, "", "")
	})
	return report.NewTree(scenarios.Result{
		Cell: scenarios.Cell{Scenario: hostile, N: n, Version: hostile + long}, Outcome: hostile + long, Recording: recording,
	})
}

func TestTreeText(t *testing.T) {
	for _, test := range treeCases {
		t.Run(test.name, func(t *testing.T) {
			width := 100
			if test.name == "hostile" {
				width = 160 // for the prose
			}
			checkText(t, "tree-"+test.name, width, test.tree.Text)
		})
	}
}

func TestTreeJSON(t *testing.T) {
	checkJSON(t, "tree-rc3-2", report.NewTree(result("rc.3", 2, rc3(2))).JSON)
	checkJSON(t, "tree-nothing", treeOf(func(*operation) {}).JSON)
	checkHarmless(t, hostileTree(1).JSON)
}

func checkJSON(t *testing.T, name string, render func(io.Writer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(b.Bytes()) {
		t.Errorf("%s: not valid:\n%s", name, b.Bytes())
	}
	golden.Check(t, name+".json", b.Bytes())
}

// checkHarmless requires JSON that a terminal can show.
func checkHarmless(t *testing.T, render func(io.Writer) error) {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(b.Bytes()) {
		t.Error("not valid")
	}
	if strings.ContainsFunc(b.String(), func(r rune) bool { return r < ' ' && r != '\n' || r == '\u202e' }) {
		t.Error("a control character")
	}
}

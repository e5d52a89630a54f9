// Package calltree shows which code requested the statements and checks of an operation, and how
// that changes between versions.
package calltree

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Tree shows which code of the application requested the statements and checks of one
// operation.
type Tree struct {
	Cell    scenarios.Cell
	Outcome string
	Cost    Cost
	// NoLines says that the tree is of a baseline, without lines, repeats and order.
	NoLines bool
	// Roots are the functions in which the operation began, and events of unknown code.
	Roots []*Node
}

// Call is the Kind of a [Node] that is a function. Other nodes have the kind of their event.
const Call tracer.Kind = "call"

// A Node is a function called from one line, or an event requested in one line, reached in the
// same way.
type Node struct {
	Kind tracer.Kind `json:"kind"`
	// Name is the short name of the function, the name of the statement, or the label of the
	// check.
	Name     string `json:"name"`
	Function string `json:"function,omitempty"` // the full name of a Call
	// Site is the line of the call or of the event: "orders/list.go:12". Empty if unknown.
	Site string `json:"site,omitempty"`
	// Count is how often the event happened. It is 0 for a Call, because calls are not counted.
	Count int `json:"count,omitempty"`
	// Repeated is how many of Count repeat an earlier event of the operation.
	Repeated int `json:"repeated,omitempty"`
	// Equal is how many of Count equal an earlier event of the operation without being repeated,
	// by reason.
	Equal map[tracer.Repeat]int `json:"equal,omitempty"`
	// Opaque is how many of Count cannot be compared, so that repeats are unknown.
	Opaque int `json:"opaque,omitempty"`
	// Children are in the order of their first event.
	Children []*Node `json:"children,omitempty"`
	// Cost is the cost of the node and all below it.
	Cost Cost `json:"-"`
	// Again: the same calls and events happened before, and all of these are repeated.
	Again bool `json:"-"`
}

// An identity says what a node is, wherever it happens and however often.
type identity struct {
	kind           tracer.Kind
	name, function string
}

func (i identity) String() string { return fmt.Sprintf("%q %q %q", i.kind, i.name, i.function) }

func (n *Node) identity() identity { return identity{n.Kind, n.Name, n.Function} }

// IsLike reports whether both are the same function or event, wherever it happens.
func (n *Node) IsLike(o *Node) bool { return n.identity() == o.identity() }

// Cells returns the trees by their cells.
func Cells(trees []Tree) map[scenarios.Cell]Tree {
	return index.By(trees, func(t Tree) scenarios.Cell { return t.Cell })
}

// A Cost is a number of statements and checks, with the repeated ones: those that repeat an
// earlier one of the operation with equal arguments.
type Cost struct {
	SQL          int `json:"sql"`
	SQLRepeated  int `json:"sql_repeated"`
	RBAC         int `json:"rbac"`
	RBACRepeated int `json:"rbac_repeated"`
}

// Plus returns the sum of two costs.
func (c Cost) Plus(o Cost) Cost {
	return Cost{c.SQL + o.SQL, c.SQLRepeated + o.SQLRepeated, c.RBAC + o.RBAC, c.RBACRepeated + o.RBACRepeated}
}

// Total returns the number of statements and checks.
func (c Cost) Total() int { return c.SQL + c.RBAC }

// Repeated returns the number of repeated statements and checks.
func (c Cost) Repeated() int { return c.SQLRepeated + c.RBACRepeated }

// Events yields the event nodes of t, each with the functions that lead to it, outermost first.
func (t Tree) Events() iter.Seq2[*Node, []tracer.Frame] {
	return func(yield func(*Node, []tracer.Frame) bool) {
		for _, root := range t.Roots {
			if !root.events(nil, yield) {
				return
			}
		}
	}
}

// events yields the events of n and below. stack has the functions that lead to n; what is behind it
// is overwritten.
func (n *Node) events(stack []tracer.Frame, yield func(*Node, []tracer.Frame) bool) bool {
	if n.Kind != Call && !yield(n, slices.Clone(stack)) {
		return false
	}
	if n.Kind == Call {
		stack = append(stack, tracer.Frame{})
	}
	for _, child := range n.Children {
		if n.Kind == Call {
			stack[len(stack)-1] = Frame(n.Function, child.Site)
		}
		if !child.events(stack, yield) {
			return false
		}
	}
	return true
}

// Frame returns the frame of a function with the line of its call or event.
func Frame(function, site string) tracer.Frame {
	colon := strings.LastIndexByte(site, ':')
	line, _ := strconv.Atoi(site[colon+1:])
	return tracer.Frame{Function: function, File: site[:max(colon, 0)], Line: line}
}

// Own returns the cost of the node without its children.
func (n *Node) Own() Cost {
	switch n.Kind {
	case tracer.KindQuery, tracer.KindCopy:
		return Cost{SQL: n.Count, SQLRepeated: n.Repeated}
	case tracer.KindCheck:
		return Cost{RBAC: n.Count, RBACRepeated: n.Repeated}
	default:
		return Cost{}
	}
}

// addUp sets the names of calls and the costs of nodes and all below them, and returns the sum of
// the costs.
func addUp(nodes []*Node) (total Cost) {
	for _, n := range nodes {
		if n.Kind == Call {
			n.Name = nameOf(n.Function) // a file may have another
		}
		n.Cost = n.Own().Plus(addUp(n.Children))
		total = total.Plus(n.Cost)
	}
	return total
}

// All yields n and all below it, each after those above it.
func (n *Node) All() iter.Seq[*Node] {
	return func(yield func(*Node) bool) { n.all(yield) }
}

func (n *Node) all(yield func(*Node) bool) bool {
	return yield(n) && !slices.ContainsFunc(n.Children, func(child *Node) bool { return !child.all(yield) })
}

// Leaves returns the number of events in n and below.
func (n *Node) Leaves() int {
	sum := 0
	for below := range n.All() {
		if below.Kind != Call {
			sum++
		}
	}
	return sum
}

// Hindrances returns why an equal event does not count as repeated, in the order of reports.
func Hindrances() []tracer.Repeat {
	return []tracer.Repeat{tracer.WritesAgain, tracer.LocksAgain, tracer.AfterWrite, tracer.AfterFailure}
}

// nameOf returns the short name of a function.
func nameOf(function string) string {
	return cmp.Or(tracer.Frame{Function: function}.Name(), function, "?")
}

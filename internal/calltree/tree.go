// Package calltree shows which code asked for the statements and checks of one operation,
// and what became of that from one version to another.
package calltree

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Tree shows which code of the application asked for the statements and checks
// of one operation.
type Tree struct {
	Cell    scenarios.Cell
	Outcome string
	Cost    Cost
	// NoLines says that it is of a baseline, which keeps neither lines, nor what repeats what,
	// nor what came first.
	NoLines bool
	// Roots are the functions the operation began in, and whatever was asked for
	// by code that is not known.
	Roots []*Node
}

// Call is the Kind of a [Node] that is a function. The other kinds are those of
// events.
const Call tracer.Kind = "call"

// A Node is a function called from one place, or an event asked for in one place,
// with all that happened on the same way there.
type Node struct {
	Kind tracer.Kind
	// Name is the function as people call it, the name of the statement, the label
	// of the check.
	Name     string
	Function string // the full name of a Call
	// Site is the line that makes the call or asks for the event: "orders/list.go:12".
	// Empty where that is not known.
	Site string
	// Count is how often the event happened. How often a function was called is not
	// recorded: 0 for a Call.
	Count int
	// Opaque is how many of Count cannot be told apart, so that nobody knows whether
	// they repeat an earlier one.
	Opaque int
	// Equal is how many of Count equal an earlier one of the operation and are not
	// avoidable, by what is in the way.
	Equal map[tracer.Repeat]int
	// Cost is that of the node and of all below it.
	Cost Cost
	// Again: the same calls and events were there before, and all of this is
	// avoidable.
	Again bool
	// Children are in the order of their first event.
	Children []*Node
}

// Find returns the tree of a cell, if it was kept.
func Find(trees []Tree, cell scenarios.Cell) (Tree, bool) {
	i := slices.IndexFunc(trees, func(t Tree) bool { return t.Cell == cell })
	if i < 0 {
		return Tree{}, false
	}
	return trees[i], true
}

// A Cost is statements and checks, and how many of them are avoidable: did what
// an earlier one of the operation did, with equal arguments.
type Cost struct {
	SQL           int `json:"sql"`
	SQLAvoidable  int `json:"sql_avoidable"`
	RBAC          int `json:"rbac"`
	RBACAvoidable int `json:"rbac_avoidable"`
}

// Plus adds two costs.
func (c Cost) Plus(o Cost) Cost {
	return Cost{c.SQL + o.SQL, c.SQLAvoidable + o.SQLAvoidable, c.RBAC + o.RBAC, c.RBACAvoidable + o.RBACAvoidable}
}

func (c Cost) minus(o Cost) Cost {
	return Cost{c.SQL - o.SQL, c.SQLAvoidable - o.SQLAvoidable, c.RBAC - o.RBAC, c.RBACAvoidable - o.RBACAvoidable}
}

// Total is how many statements and checks there are.
func (c Cost) Total() int { return c.SQL + c.RBAC }

// Avoidable is how many of them are.
func (c Cost) Avoidable() int { return c.SQLAvoidable + c.RBACAvoidable }

// Events returns the nodes of t that are events, each with the functions on the way
// to it, outermost first.
func (t Tree) Events() iter.Seq2[*Node, []tracer.Frame] {
	return func(yield func(*Node, []tracer.Frame) bool) {
		for _, root := range t.Roots {
			if !root.events(nil, yield) {
				return
			}
		}
	}
}

func (n *Node) events(way []*Node, yield func(*Node, []tracer.Frame) bool) bool {
	way = append(way, n)
	if n.Kind != Call && !yield(n, frames(way)) {
		return false
	}
	for _, child := range n.Children {
		if !child.events(way, yield) {
			return false
		}
	}
	return true
}

// frames returns the functions on way, whose last node is an event.
func frames(way []*Node) []tracer.Frame {
	var list []tracer.Frame
	for i, n := range way[:len(way)-1] {
		if n.Kind != Call {
			continue
		}
		list = append(list, Frame(n.Function, way[i+1].Site))
	}
	return list
}

// Frame returns the frame of a function that calls or asks at site.
func Frame(function, site string) tracer.Frame {
	colon := strings.LastIndexByte(site, ':')
	line, _ := strconv.Atoi(site[colon+1:])
	return tracer.Frame{Function: function, File: site[:max(colon, 0)], Line: line}
}

// Own is the cost of the node without those below it.
func (n *Node) Own() Cost {
	own := n.Cost
	for _, child := range n.Children {
		own = own.minus(child.Cost)
	}
	return own
}

// Leaves is the number of nodes that are no calls, n and below.
func (n *Node) Leaves() int {
	sum := 0
	if n.Kind != Call {
		sum = 1
	}
	for _, child := range n.Children {
		sum += child.Leaves()
	}
	return sum
}

// Hindrances returns what makes a repeat one that is not avoidable, in the order of reports.
func Hindrances() []tracer.Repeat {
	return []tracer.Repeat{tracer.WritesAgain, tracer.LocksAgain, tracer.AfterWrite, tracer.AfterFailure}
}

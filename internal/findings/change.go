package findings

import (
	"cmp"
	"maps"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Change is a statement or a check whose count changed.
type Change struct {
	report.GrowthDiff
	Check bool // otherwise a statement
	// Repeats is how many of the head's repeat an earlier one: the same statement with equal
	// arguments, or the same decision on the same object.
	Repeats report.Growth
	// Equal is how many of the head's, at the largest N, equal an earlier one without being
	// repeated, by reason.
	Equal map[tracer.Repeat]int
	// Opaque is how many of the head's, at the largest N, cannot be compared, such as a CopyFrom.
	Opaque int
	// Callers are where the head's come from, fastest growing first.
	Callers []Caller
}

// A Caller is a path through the application that leads to a statement or check.
type Caller struct {
	Stack  []tracer.Frame // outermost first
	Growth report.Growth  // how many it requests
}

// changes returns the changes of d, with callers from the trees of the head's cells.
func changes(d report.SeriesDiff, trees map[scenarios.Cell]calltree.Tree) []Change {
	var cells []calltree.Tree // of d's head
	for _, n := range d.N {
		if tree, ok := trees[scenarios.Cell{Scenario: d.Scenario, N: n, Version: d.Version}]; ok && tree.Outcome == d.HeadOutcome {
			cells = append(cells, tree)
		}
	}
	var list []Change
	for _, g := range d.Statements {
		list = append(list, newChange(g, cells, tracer.KindQuery, tracer.KindCopy))
	}
	for _, g := range d.Checks {
		list = append(list, newChange(g, cells, tracer.KindCheck))
	}
	// Changes that explain the verdict come first, because the rest may be cut off.
	checksOnly := slices.Contains(d.Worse, tracer.RBAC) && !slices.Contains(d.Worse, tracer.SQL)
	rank := func(c Change) int {
		switch {
		case c.Verdict() != report.Worse:
			return 2
		case checksOnly && !c.Check:
			return 1
		default:
			return 0
		}
	}
	slices.SortStableFunc(list, func(a, b Change) int { return cmp.Compare(rank(a), rank(b)) })
	return list
}

func newChange(g report.GrowthDiff, cells []calltree.Tree, kinds ...tracer.Kind) Change {
	c := Change{GrowthDiff: g, Check: kinds[0] == tracer.KindCheck}
	var none []report.Point // of each cell
	for _, cell := range cells {
		none = append(none, report.Point{N: cell.Cell.N})
	}
	repeats, callers := slices.Clone(none), map[string]*Caller{}
	for i, cell := range cells {
		c.Equal, c.Opaque = map[tracer.Repeat]int{}, 0
		for n, stack := range cell.Events() {
			if n.Name != g.Name || !slices.Contains(kinds, n.Kind) {
				continue
			}
			repeats[i].Count += n.Own().Repeated()
			c.Opaque += n.Opaque
			for reason, count := range n.Equal {
				c.Equal[reason] += count
			}
			key := stackKey(stack)
			if callers[key] == nil {
				callers[key] = &Caller{stack, report.Growth{Points: slices.Clone(none)}}
			}
			callers[key].Growth.Points[i].Count += n.Count
		}
	}
	c.Repeats = growth(repeats, g.Head)
	for _, key := range slices.Sorted(maps.Keys(callers)) {
		caller := callers[key]
		c.Callers = append(c.Callers, Caller{caller.Stack, growth(caller.Growth.Points, g.Head)})
	}
	slices.SortStableFunc(c.Callers, func(a, b Caller) int {
		return cmp.Or(cmp.Compare(risen(b.Growth), risen(a.Growth)), cmp.Compare(Last(b.Growth), Last(a.Growth)))
	})
	return c
}

func stackKey(stack []tracer.Frame) string {
	var key []byte
	for _, f := range stack {
		key = append(append(append(key, f.Function...), ' '), f.Site()...)
		key = append(key, '\n')
	}
	return string(key)
}

// Growing returns the callers that request more as N grows, or else all.
func (c Change) Growing() []Caller {
	i := slices.IndexFunc(c.Callers, func(caller Caller) bool { return risen(caller.Growth) <= 0 })
	if i <= 0 {
		return c.Callers
	}
	return c.Callers[:i]
}

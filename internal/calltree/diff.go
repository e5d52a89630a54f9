package calltree

import (
	"iter"
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A Diff compares the trees of one operation in two versions.
type Diff struct {
	Base, Head               scenarios.Cell
	BaseOutcome, HeadOutcome string
	BaseCost, HeadCost       Cost
	// Roots are the roots of the head, with removed ones at their place in the base.
	Roots []*NodeDiff
}

// A NodeDiff is a node of the base, the head or both.
type NodeDiff struct {
	Base, Head *Node // nil: added, or removed
	// BaseCost and HeadCost are the costs of the node and all below it here. The BaseCost of an
	// added node is that of the nodes it took over.
	BaseCost, HeadCost Cost
	Children           []*NodeDiff
}

// Same reports whether both trees have the same calls and events with the same counts.
func (d Diff) Same() bool { return all(d.Roots, (*NodeDiff).Same) }

// New reports whether only the head has the node.
func (d *NodeDiff) New() bool { return d.Base == nil }

// Gone reports whether only the base has the node.
func (d *NodeDiff) Gone() bool { return d.Head == nil }

// Renamed reports whether the node is a function that changed its name.
func (d *NodeDiff) Renamed() bool {
	return !d.New() && !d.Gone() && d.Base.Name != d.Head.Name
}

// Same reports whether the node and all below it have the same counts in both. Repeated counts
// may differ.
func (d *NodeDiff) Same() bool {
	return !d.New() && !d.Gone() && !d.Renamed() && d.Base.Count == d.Head.Count && all(d.Children, (*NodeDiff).Same)
}

// WhollyNew reports whether only the head has the node and all below it.
func (d *NodeDiff) WhollyNew() bool { return d.New() && all(d.Children, (*NodeDiff).WhollyNew) }

// WhollyGone reports whether only the base has the node and all below it.
func (d *NodeDiff) WhollyGone() bool { return d.Gone() && all(d.Children, (*NodeDiff).WhollyGone) }

// all reports whether is returns true for all nodes.
func all(nodes []*NodeDiff, is func(*NodeDiff) bool) bool {
	return !slices.ContainsFunc(nodes, func(d *NodeDiff) bool { return !is(d) })
}

// All yields d and all below it, each after those above it.
func (d *NodeDiff) All() iter.Seq[*NodeDiff] {
	return func(yield func(*NodeDiff) bool) { d.all(yield) }
}

func (d *NodeDiff) all(yield func(*NodeDiff) bool) bool {
	return yield(d) && all(d.Children, func(child *NodeDiff) bool { return child.all(yield) })
}

// Node returns the node of the head or, if it is gone, of the base.
func (d *NodeDiff) Node() *Node {
	if d.Gone() {
		return d.Base
	}
	return d.Head
}

package calltree

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A Diff sets the trees of one operation in two versions against each other.
type Diff struct {
	Base, Head               scenarios.Cell
	BaseOutcome, HeadOutcome string
	BaseCost, HeadCost       Cost
	// Roots are those of the head, with what is gone where it was in the base.
	Roots []*NodeDiff
}

// A NodeDiff is a node of the head, of the base, or of both.
type NodeDiff struct {
	Base, Head *Node // nil: the node is new, or gone
	// BaseCost and HeadCost are the cost of the node and all below it here. For a
	// node that is new, BaseCost is that of what it took over.
	BaseCost, HeadCost Cost
	Children           []*NodeDiff
}

// Same reports whether the same happens in both, as often.
func (d Diff) Same() bool { return all(d.Roots, (*NodeDiff).Same) }

// New reports whether only the head has the node.
func (d *NodeDiff) New() bool { return d.Base == nil }

// Gone reports whether only the base has the node.
func (d *NodeDiff) Gone() bool { return d.Head == nil }

// Renamed reports whether the node is a function with another name now.
func (d *NodeDiff) Renamed() bool {
	return !d.New() && !d.Gone() && d.Base.Name != d.Head.Name
}

// Same reports whether the node and all below it happen in both, as often. More or
// less of it may be avoidable.
func (d *NodeDiff) Same() bool {
	return !d.New() && !d.Gone() && !d.Renamed() && d.Base.Count == d.Head.Count && all(d.Children, (*NodeDiff).Same)
}

// WhollyNew reports whether only the head has the node and all below it.
func (d *NodeDiff) WhollyNew() bool { return d.New() && all(d.Children, (*NodeDiff).WhollyNew) }

// WhollyGone reports whether only the base has the node and all below it.
func (d *NodeDiff) WhollyGone() bool { return d.Gone() && all(d.Children, (*NodeDiff).WhollyGone) }

// all reports whether is holds for each of nodes.
func all(nodes []*NodeDiff, is func(*NodeDiff) bool) bool {
	return !slices.ContainsFunc(nodes, func(d *NodeDiff) bool { return !is(d) })
}

// Node is that of the head or, if it is gone, of the base.
func (d *NodeDiff) Node() *Node {
	if d.Gone() {
		return d.Base
	}
	return d.Head
}

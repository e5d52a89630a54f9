package calltree

import (
	"cmp"
	"slices"
)

// Parts returns the differences that add up to the whole, largest first: what is added or removed
// with all below it, and what happens more or less often.
func (d Diff) Parts() []*NodeDiff {
	parts := appendParts(nil, d.Roots)
	slices.SortStableFunc(parts, func(a, b *NodeDiff) int { return cmp.Compare(b.size(), a.size()) })
	return parts
}

func appendParts(parts, nodes []*NodeDiff) []*NodeDiff {
	for _, d := range nodes {
		if d.size() > 0 {
			parts = append(parts, d)
		}
		if !d.WhollyNew() && !d.WhollyGone() {
			parts = appendParts(parts, d.Children)
		}
	}
	return parts
}

// size returns by how much d changes the cost; for wholly added or removed nodes, with all below.
func (d *NodeDiff) size() int {
	switch {
	case d.WhollyNew():
		return d.HeadCost.Total()
	case d.WhollyGone():
		return d.BaseCost.Total()
	case d.New() || d.Gone() || d.Head.Kind == Call:
		return 0
	default:
		return max(d.Head.Own().Total()-d.Base.Own().Total(), d.Base.Own().Total()-d.Head.Own().Total())
	}
}

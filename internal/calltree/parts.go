package calltree

import (
	"cmp"
	"slices"
)

// Parts returns the differences that add up to the whole, the largest first: what
// is new or gone with all below it, and what happens more or less often.
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

// size is by how much d itself changes the cost; of what is wholly new or gone, with
// all below it.
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

package report

import (
	"slices"
	"strings"
)

// A GrowthDiff is one count over N, before and after.
type GrowthDiff struct {
	Name       string
	Base, Head Growth
}

// Changed reports whether the count differs anywhere.
func (g GrowthDiff) Changed() bool { return !slices.Equal(g.Base.Points, g.Head.Points) }

// String returns "13 → 12 + 7·N", or a single growth if it did not change. If both have the same
// words, it returns the counts at each N.
func (g GrowthDiff) String() string {
	switch {
	case len(g.Base.Points) == 0:
		return g.Head.String()
	case len(g.Head.Points) == 0 || !g.Changed():
		return g.Base.String()
	case g.Base.String() == g.Head.String():
		return strings.Join(g.Base.counts(), ", ") + " → " + strings.Join(g.Head.counts(), ", ")
	default:
		return g.Base.String() + " → " + g.Head.String()
	}
}

// Common returns the points at each common N.
func (g GrowthDiff) Common() (base, head []Point) {
	for _, b := range g.Base.Points {
		if i := slices.IndexFunc(g.Head.Points, func(h Point) bool { return h.N == b.N }); i >= 0 {
			base, head = append(base, b), append(head, g.Head.Points[i])
		}
	}
	return base, head
}

// Steeper reports whether the count grows faster than before.
func (g GrowthDiff) Steeper() bool { return compareLaws(g.Base, g.Head) == Worse }

// compareLaws decides which of two counts grows faster. Irregular growth is worse than a law,
// because its limit is unknown. A plateau does not grow.
func compareLaws(base, head Growth) Verdict {
	b, h := base.Law, head.Law
	switch {
	case b.Shape == Unknown || h.Shape == Unknown:
		return compareRises(base, head)
	case h.Shape == Irregular && b.Shape != Irregular:
		return Worse
	case b.Shape == Irregular && h.Shape != Irregular:
		return Better
	case h.Pairs != b.Pairs:
		return judge(h.Pairs - b.Pairs)
	default:
		return judge(h.PerN - b.PerN)
	}
}

// compareRises is for counts with too few points for a law. Two common points at least show which
// one rises more.
func compareRises(base, head Growth) Verdict {
	before, after := GrowthDiff{Base: base, Head: head}.Common()
	if len(before) < 2 {
		return Same
	}
	return judge(Growth{Points: after}.rise() - Growth{Points: before}.rise())
}

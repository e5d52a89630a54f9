package report

import (
	"cmp"
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

// String is "13 → 12 + 7·N", or the one count there is. Where the words for both are the
// same it has the counts at each N.
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

// A Pair is one count at an N, before and after.
type Pair struct{ N, Base, Head int }

// Pairs returns the counts at each N that both have.
func (g GrowthDiff) Pairs() []Pair {
	var pairs []Pair
	for _, b := range g.Base.Points {
		i := slices.IndexFunc(g.Head.Points, func(h Point) bool { return h.N == b.N })
		if i >= 0 {
			pairs = append(pairs, Pair{b.N, b.Count, g.Head.Points[i].Count})
		}
	}
	return pairs
}

// Verdict is Worse if the count grows faster, or is higher at any N that both have.
func (g GrowthDiff) Verdict() Verdict {
	verdict := compareLaws(g.Base, g.Head)
	for _, p := range g.Pairs() {
		verdict = worst(verdict, judge(p.Head-p.Base))
	}
	return verdict
}

// compareLaws tells which of two counts grows faster. Irregular growth is worse
// than a law, for nobody can say where it ends. A plateau does not grow any more.
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

// compareRises is for counts with too few points for a law. Two points that both
// have tell at least which of them rises more.
func compareRises(base, head Growth) Verdict {
	points := GrowthDiff{Base: base, Head: head}.Pairs()
	if len(points) < 2 {
		return Same
	}
	first, last := points[0], points[len(points)-1]
	return judge((last.Head - first.Head) - (last.Base - first.Base))
}

// Largest returns the change where the count rises most; where it rises nowhere, or
// as much in several places, that at the largest N.
func (g GrowthDiff) Largest() (n, from, to int, ok bool) {
	pairs := g.Pairs()
	if len(pairs) == 0 {
		return 0, 0, 0, false
	}
	largest := slices.MaxFunc(pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(max(a.Head-a.Base, 0), max(b.Head-b.Base, 0)), cmp.Compare(a.N, b.N))
	})
	return largest.N, largest.Base, largest.Head, true
}

// differences returns by how much the count changed at each N that both have.
func (g GrowthDiff) differences() []int {
	var list []int
	for _, p := range g.Pairs() {
		list = append(list, p.Head-p.Base)
	}
	return list
}

func (g GrowthDiff) equal(o GrowthDiff) bool {
	return g.Name == o.Name && slices.Equal(g.Base.Points, o.Base.Points) && slices.Equal(g.Head.Points, o.Head.Points)
}

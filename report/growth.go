package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// exact is how the count grows, before and now, and nothing where it never happens.
func (g GrowthDiff) exact() string {
	base, head := g.Base.exact(), g.Head.exact()
	switch {
	case base == head || !g.Base.happens():
		return head
	case !g.Head.happens():
		return base
	default:
		return base + " → " + head
	}
}

// exact is the law, or where there is none the counts at each N.
func (g Growth) exact() string {
	if g.Law.Shape != Irregular {
		return g.String()
	}
	var counts []string
	for _, p := range g.Points {
		counts = append(counts, fmt.Sprint(p.Count))
	}
	return strings.Join(counts, ", ")
}

// happens reports whether the count is ever more than zero.
func (g Growth) happens() bool {
	return slices.ContainsFunc(g.Points, func(p Point) bool { return p.Count > 0 })
}

// plus adds so many times a count at the same N.
func (g Growth) plus(o Growth, times int) Growth {
	var points []Point
	for i, p := range g.Points {
		points = append(points, Point{N: p.N, Count: p.Count + times*o.Points[i].Count})
	}
	return Growth{Points: points, Law: Fit(points)}
}

// plus adds two counts at the same N.
func (g GrowthDiff) plus(o GrowthDiff) GrowthDiff {
	return GrowthDiff{Name: g.Name, Base: g.Base.plus(o.Base, 1), Head: g.Head.plus(o.Head, 1)}
}

// at returns the N where the costs rise most; where they rise nowhere, the largest.
func (d SeriesDiff) at() int {
	rise := func(n int) int {
		total := 0
		for _, m := range shown {
			base, head, both := d.Metrics[m].counts(n)
			if both {
				total += max(head-base, 0)
			}
		}
		return total
	}
	return slices.MaxFunc(d.N, func(a, b int) int { return cmp.Or(cmp.Compare(rise(a), rise(b)), cmp.Compare(a, b)) })
}

// counts returns the counts at n. Where only one of the two is there, both are that
// one.
func (g GrowthDiff) counts(n int) (base, head int, both bool) {
	b, inBase := g.Base.count(n)
	h, inHead := g.Head.count(n)
	switch {
	case !inBase:
		return h, h, false
	case !inHead:
		return b, b, false
	default:
		return b, h, true
	}
}

func (g Growth) count(n int) (int, bool) {
	for _, p := range g.Points {
		if p.N == n {
			return p.Count, true
		}
	}
	return 0, false
}

// avoidable is how many statements repeat an earlier one.
func (d SeriesDiff) avoidable() GrowthDiff {
	sql, unique := d.Metrics[tracer.SQL], d.Metrics[tracer.SQLUnique]
	return GrowthDiff{Name: "avoidable SQL", Base: sql.Base.plus(unique.Base, -1), Head: sql.Head.plus(unique.Head, -1)}
}

// changeAt is "13 → 26" at n, or the one count there is.
func (g GrowthDiff) changeAt(n int) string {
	base, head, _ := g.counts(n)
	return term.Change(base, head)
}

// law is how the count grows, before and now. It is empty where there is nothing
// to grow with.
func law(g GrowthDiff) string {
	if len(g.Base.Points) < 2 && len(g.Head.Points) < 2 {
		return ""
	}
	if g.Base.String() == g.Head.String() {
		return g.Head.String()
	}
	return g.arrow()
}

// shown are the metrics an overview for people shows; files have the others.
var shown = []tracer.Metric{tracer.SQL, tracer.RBAC}

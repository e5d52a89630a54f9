package findings

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/report"
)

// Happens reports whether any count is not 0.
func Happens(g report.Growth) bool {
	return slices.ContainsFunc(g.Points, func(p report.Point) bool { return p.Count > 0 })
}

// Last returns the count at the largest N, or 0 without points.
func Last(g report.Growth) int {
	if len(g.Points) == 0 {
		return 0
	}
	return g.Points[len(g.Points)-1].Count
}

// risen returns by how much the count grows over its points, of which there is at least one.
func risen(g report.Growth) int { return Last(g) - g.Points[0].Count }

// largest returns the change with the largest increase or, if there is none or a tie, the change
// at the largest N.
func largest(g report.GrowthDiff) (n, from, to int, ok bool) {
	base, head := g.Common()
	if len(base) == 0 {
		return 0, 0, 0, false
	}
	at, rises := 0, differences(g)
	for i, rise := range rises {
		if max(rise.Count, 0) >= max(rises[at].Count, 0) {
			at = i
		}
	}
	return base[at].N, base[at].Count, head[at].Count, true
}

// differences returns the changes of the count at each common N.
func differences(g report.GrowthDiff) (points []report.Point) {
	base, head := g.Common()
	for i, p := range base {
		points = append(points, report.Point{N: p.N, Count: head[i].Count - p.Count})
	}
	return points
}

// Plus returns g plus times the count of o at the same N.
func Plus(g, o report.Growth, times int) report.Growth {
	var points []report.Point
	for i, p := range g.Points {
		points = append(points, report.Point{N: p.N, Count: p.Count + times*o.Points[i].Count})
	}
	return growth(points, g)
}

// growth returns the growth of points, a part of whole, which may have no law: for example with
// Races.
func growth(points []report.Point, whole report.Growth) report.Growth {
	law := report.Fit(points)
	if whole.Law.Shape == report.Unknown {
		law = whole.Law
	}
	return report.Growth{Points: points, Law: law}
}

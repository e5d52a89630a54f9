package findings

import "github.com/fanout-bench/fanout-bench/report"

// Last is the count at the largest N, 0 without points.
func Last(g report.Growth) int {
	if len(g.Points) == 0 {
		return 0
	}
	return g.Points[len(g.Points)-1].Count
}

// risen is how much the count grows over all its points, of which there is at least one.
func risen(g report.Growth) int { return Last(g) - g.Points[0].Count }

// largest returns the change where the count rises most; where it rises nowhere, or
// as much in several places, that at the largest N.
func largest(g report.GrowthDiff) (n, from, to int, ok bool) {
	base, head := g.Common()
	at := 0
	for i, difference := range differences(g) {
		if max(difference, 0) >= max(head[at].Count-base[at].Count, 0) {
			at = i
		}
	}
	if len(base) == 0 {
		return 0, 0, 0, false
	}
	return base[at].N, base[at].Count, head[at].Count, true
}

// differences returns by how much the count changed at each N that both have.
func differences(g report.GrowthDiff) []int {
	var list []int
	base, head := g.Common()
	for i := range base {
		list = append(list, head[i].Count-base[i].Count)
	}
	return list
}

// Plus returns g with so many times what o counts at the same N.
func Plus(g, o report.Growth, times int) report.Growth {
	var points []report.Point
	for i, p := range g.Points {
		points = append(points, report.Point{N: p.N, Count: p.Count + times*o.Points[i].Count})
	}
	law := report.Fit(points)
	if g.Law.Shape == report.Unknown { // as of what races
		law = g.Law
	}
	return report.Growth{Points: points, Law: law}
}

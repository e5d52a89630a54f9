package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// Growth is one count of a Series.
type Growth struct {
	Points []Point // ascending N; none if unknown
	Law    Law
}

// String returns the law, or without one (for example with too few points) the counts: "19, 26",
// or "13" if they are all equal. It is empty without points.
func (g Growth) String() string {
	if g.Law.Shape != Unknown {
		return g.Law.String()
	}
	return strings.Join(slices.Compact(g.counts()), ", ")
}

// counts returns the count at each N.
func (g Growth) counts() []string {
	var counts []string
	for _, p := range g.Points {
		counts = append(counts, fmt.Sprint(p.Count))
	}
	return counts
}

// Rate returns by how much the count finally grows with each N. ok is false if that is not a
// single number.
func (g Growth) Rate() (perN int, ok bool) {
	switch g.Law.Shape {
	case Constant, Linear, Plateau:
		return g.Law.PerN, true
	case Unknown:
		if len(g.Points) == 2 {
			run := g.Points[1].N - g.Points[0].N
			return g.rise() / run, g.rise()%run == 0
		}
	}
	return 0, false
}

// rise returns by how much the count grows over its points, of which there is at least one.
func (g Growth) rise() int { return g.Points[len(g.Points)-1].Count - g.Points[0].Count }

// exceeds reports whether the count rises anywhere by more than perN for each N. A count that
// ends level does not grow.
func (g Growth) exceeds(perN int) bool {
	if Fit(g.Points).Shape == Plateau { // applies to Races too
		return false
	}
	for i, p := range g.Points[min(1, len(g.Points)):] {
		if before := g.Points[i]; p.Count-before.Count > perN*(p.N-before.N) {
			return true
		}
	}
	return false
}

// growMetric leaves out rows in which m is absent.
func growMetric(rows []Row, m tracer.Metric) Growth {
	return grow(slices.DeleteFunc(slices.Clone(rows), func(row Row) bool { return !row.Has(m) }), m.Of)
}

func grow(rows []Row, count func(tracer.Counts) int) Growth {
	var points []Point
	for _, row := range rows {
		points = append(points, Point{N: row.N, Count: count(row.Counts)})
	}
	law := Fit(points)
	if slices.ContainsFunc(rows, func(r Row) bool { return r.Races }) {
		law = Law{Shape: Unknown}
	}
	return Growth{Points: points, Law: law}
}

package report

import (
	"fmt"
	"math"
	"strings"
)

// A Shape is how a count grows with N.
type Shape string

const (
	Constant  Shape = "constant"
	Linear    Shape = "linear"
	Quadratic Shape = "quadratic"
	// Plateau: none of the above, but constant from some N on.
	Plateau Shape = "plateau"
	// Irregular: none of the above holds.
	Irregular Shape = "irregular"
	// Unknown: too few points, or counts that race. A law takes three points, and a curve four,
	// because any three points are on one.
	Unknown Shape = "unknown"
)

// A Point is a count measured at N.
type Point struct{ N, Count int }

// A Law is the exact growth of a count over all of its points:
//
//	Fixed + PerN·N + Pairs·N(N-1)/2
//
// With integer coefficients it covers every quadratic curve with integer values, including a loop
// over pairs. The coefficients mean nothing for Irregular and Unknown.
type Law struct {
	Shape              Shape
	Fixed, PerN, Pairs int
	// From is where a Plateau begins; smaller N have other counts. 0 for other shapes.
	From int
}

// Fit returns the law of points, which must be sorted by N without duplicates. A Plateau needs
// three points on one level, the last with at least twice the N of the first: by then, a count
// that grows with each page or with each doubling of N has grown.
func Fit(points []Point) Law {
	if len(points) < 3 {
		return Law{Shape: Unknown}
	}
	for i := range points[1:] {
		if points[i].N >= points[i+1].N {
			return Law{Shape: Irregular} // not a function of N
		}
	}
	law := through(points)
	for _, p := range points {
		if !law.meets(p) {
			return plateau(points)
		}
	}
	switch {
	case law.Pairs != 0 && len(points) == 3:
		return Law{Shape: Irregular} // three points cannot have a level of three
	case law.Pairs != 0:
		law.Shape = Quadratic
	case law.PerN != 0:
		law.Shape = Linear
	default:
		law.Shape = Constant
	}
	return law
}

// plateau returns the law of points that fit no curve.
func plateau(points []Point) Law {
	last := len(points) - 1
	first := last
	for first > 0 && points[first-1].Count == points[last].Count {
		first--
	}
	if last-first < 2 || points[last].N < 2*points[first].N {
		return Law{Shape: Irregular}
	}
	return Law{Shape: Plateau, Fixed: points[last].Count, From: points[first].N}
}

// through returns the curve through the first three points. If its coefficients are not integers,
// or not of type int, the result does not fit the points.
func through(points []Point) Law {
	a, b, c := points[0], points[1], points[2]
	ab, bc, ac := b.N-a.N, c.N-b.N, c.N-a.N
	// Newton's second divided difference is rise/run; Pairs is twice of it.
	rise := (c.Count-b.Count)*ab - (b.Count-a.Count)*bc
	run := ab * bc * ac
	if run == 0 { // overflow
		return Law{}
	}
	law := Law{Pairs: 2 * rise / run}
	left := b.Count - a.Count - law.Pairs*(pairs(b.N)-pairs(a.N))
	law.PerN = left / ab
	law.Fixed = a.Count - law.PerN*a.N - law.Pairs*pairs(a.N)
	return law
}

// meets reports whether p is on the curve of l. At is exact or, after an overflow, off by so much
// that a float64 shows it.
func (l Law) meets(p Point) bool {
	n := float64(p.N)
	estimate := float64(l.Fixed) + float64(l.PerN)*n + float64(l.Pairs)*n*(n-1)/2
	return l.At(p.N) == p.Count && math.Abs(estimate-float64(p.Count)) < 1<<61
}

func pairs(n int) int { return n * (n - 1) / 2 }

// At returns the count of the law for n, which must be at least From.
func (l Law) At(n int) int { return l.Fixed + l.PerN*n + l.Pairs*pairs(n) }

// String returns the law as people write it: "13", "12 + 7·N", "1 + 3·N²", "2 from N=3 on". For
// Irregular and Unknown it returns that word.
func (l Law) String() string {
	if l.Shape == Irregular || l.Shape == Unknown {
		return string(l.Shape)
	}
	if l.Shape == Plateau {
		return fmt.Sprintf("%d from N=%d on", l.Fixed, l.From)
	}
	var b strings.Builder
	add := func(factor int, what string) {
		switch {
		case factor == 0:
			return
		case b.Len() > 0 && factor > 0:
			b.WriteString(" + ")
		case b.Len() > 0:
			b.WriteString(" - ")
			factor = -factor
		}
		switch {
		case what == "":
			fmt.Fprint(&b, factor)
		case factor == 1:
			b.WriteString(what)
		case factor == -1:
			b.WriteString("-" + what)
		default:
			fmt.Fprintf(&b, "%d·%s", factor, what)
		}
	}
	if l.Fixed > 0 {
		add(l.Fixed, "")
	}
	if l.Pairs%2 == 0 {
		add(l.PerN-l.Pairs/2, "N")
		add(l.Pairs/2, "N²")
	} else {
		add(l.PerN, "N")
		add(l.Pairs, "N(N-1)/2")
	}
	if l.Fixed < 0 {
		add(l.Fixed, "")
	}
	if b.Len() == 0 {
		return "0"
	}
	return b.String()
}

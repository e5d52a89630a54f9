package view

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// ExactChange is how the count grows, before and now, and nothing where it never happens.
func ExactChange(g report.GrowthDiff) string {
	base, head := Exact(g.Base), Exact(g.Head)
	switch {
	case base == head || base == "":
		return head
	case head == "":
		return base
	default:
		return base + " → " + head
	}
}

// Exact is how the count grows, see [findings.Exact]. It is empty for what never happens.
func Exact(g report.Growth) string {
	if !slices.ContainsFunc(g.Points, func(p report.Point) bool { return p.Count > 0 }) {
		return ""
	}
	return findings.Exact(g)
}

// plusChange adds two counts at the same N.
func plusChange(g, o report.GrowthDiff) report.GrowthDiff {
	return report.GrowthDiff{Name: g.Name, Base: findings.Plus(g.Base, o.Base, 1), Head: findings.Plus(g.Head, o.Head, 1)}
}

// At returns the N where the costs rise most; where they rise nowhere, the largest.
func At(d report.SeriesDiff) int {
	rise := func(n int) int {
		total := 0
		for _, m := range Shown {
			base, head := Counts(d.Metrics[m], n)
			total += max(head-base, 0)
		}
		return total
	}
	return slices.MaxFunc(d.N, func(a, b int) int { return cmp.Or(cmp.Compare(rise(a), rise(b)), cmp.Compare(a, b)) })
}

// Counts returns the counts at n. Where only one of the two is there, both are that
// one.
func Counts(g report.GrowthDiff, n int) (base, head int) {
	b, inBase := countAt(g.Base, n)
	h, inHead := countAt(g.Head, n)
	switch {
	case !inBase:
		return h, h
	case !inHead:
		return b, b
	default:
		return b, h
	}
}

func countAt(g report.Growth, n int) (int, bool) {
	for _, p := range g.Points {
		if p.N == n {
			return p.Count, true
		}
	}
	return 0, false
}

// Repeated is how many statements repeat an earlier one.
func Repeated(d report.SeriesDiff) report.GrowthDiff {
	sql, unique := d.Metrics[tracer.SQL], d.Metrics[tracer.SQLUnique]
	return report.GrowthDiff{Name: "repeated SQL", Base: findings.Plus(sql.Base, unique.Base, -1), Head: findings.Plus(sql.Head, unique.Head, -1)}
}

// RepeatedIn is that of a series alone.
func RepeatedIn(s report.Series) report.Growth {
	return findings.Plus(s.Metrics[tracer.SQL], s.Metrics[tracer.SQLUnique], -1)
}

// ChangeAt is "13 → 26" at n, or the one count there is. "2 → –": the request failed, so that its
// count is unknown.
func ChangeAt(d report.SeriesDiff, g report.GrowthDiff, n int) string {
	base, head := Counts(g, n)
	if _, known := countAt(g.Head, n); d.Failure == "" || known {
		return term.Change(base, head)
	}
	return findings.Failed(fmt.Sprint(base))
}

// Law is how the count grows, before and now. It is empty where there is nothing
// to grow with.
func Law(g report.GrowthDiff) string {
	if len(g.Base.Points) < 2 && len(g.Head.Points) < 2 {
		return ""
	}
	if g.Base.String() == g.Head.String() {
		return g.Head.String()
	}
	return g.String()
}

// Shown are the metrics an overview for people shows; files have the others.
var Shown = []tracer.Metric{tracer.SQL, tracer.RBAC}

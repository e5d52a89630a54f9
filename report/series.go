package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Series is one version in one scenario over N, as far as its cells came to the
// same outcome: what ends differently does different work, and has a law of its
// own.
type Series struct {
	Scenario, Version, Outcome string

	Metrics    map[tracer.Metric]Growth
	Avoidable  Growth // statements that repeat an earlier one: sql - sql_unique
	Statements map[string]Growth
	Checks     map[string]Growth
}

// Growth is one count of a Series.
type Growth struct {
	Points []Point // ascending N
	Law    Law
}

// String returns the law, or where there are too few points for one, the counts
// themselves: "19, 26", and "13" if they are all the same.
func (g Growth) String() string {
	if g.Law.Shape != Unknown {
		return g.Law.String()
	}
	var counts []string
	for _, p := range g.Points {
		counts = append(counts, fmt.Sprint(p.Count))
	}
	return strings.Join(slices.Compact(counts), ", ")
}

// Rate returns by how much the count grows with each N. ok is false where there is
// no one such number.
func (g Growth) Rate() (perN int, ok bool) {
	switch g.Law.Shape {
	case Constant, Linear:
		return g.Law.PerN, true
	case Unknown:
		if len(g.Points) == 2 {
			run := g.Points[1].N - g.Points[0].N
			return g.Rise() / run, g.Rise()%run == 0
		}
	}
	return 0, false
}

// Rise is how much the count grows over all its points, of which there is at least one.
func (g Growth) Rise() int {
	return g.Last() - g.Points[0].Count
}

// Last is the count at the largest N, 0 without points.
func (g Growth) Last() int {
	if len(g.Points) == 0 {
		return 0
	}
	return g.Points[len(g.Points)-1].Count
}

// Summarize returns the series in rows: in the order of their scenarios, versions
// and least N.
func Summarize(rows Rows) []Series {
	type key struct{ scenario, version, outcome string }
	order, groups := groupBy(slices.SortedFunc(slices.Values(rows.Rows), Row.Compare), func(row Row) key {
		return key{row.Scenario, row.Version, row.Outcome}
	})
	slices.SortStableFunc(order, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.scenario, b.scenario), cmp.Compare(a.version, b.version))
	})
	var series []Series
	for _, k := range order {
		series = append(series, newSeries(groups[k]))
	}
	return series
}

func newSeries(rows []Row) Series {
	s := Series{
		Scenario: rows[0].Scenario, Version: rows[0].Version, Outcome: rows[0].Outcome,
		Metrics:    map[tracer.Metric]Growth{},
		Statements: map[string]Growth{},
		Checks:     map[string]Growth{},
	}
	for _, m := range tracer.Metrics() {
		s.Metrics[m] = grow(rows, m.Of)
	}
	s.Avoidable = grow(rows, func(c tracer.Counts) int { return c.SQL - c.SQLUnique })
	for _, row := range rows {
		for name := range row.Statements {
			s.Statements[name] = grow(rows, func(c tracer.Counts) int { return c.Statements[name] })
		}
		for name := range row.Checks {
			s.Checks[name] = grow(rows, func(c tracer.Counts) int { return c.Checks[name] })
		}
	}
	return s
}

func grow(rows []Row, count func(tracer.Counts) int) Growth {
	var points []Point
	for _, row := range rows {
		points = append(points, Point{N: row.N, Count: count(row.Counts)})
	}
	return Growth{Points: points, Law: Fit(points)}
}

package report

import (
	"cmp"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Series is one version of a scenario over N, for cells with the same outcome: another outcome
// means other work with another law.
type Series struct {
	Scenario, Version, Outcome string

	Metrics    map[tracer.Metric]Growth
	Statements map[string]Growth
	Checks     map[string]Growth
}

// Summarize returns the series in rows, ordered by scenario, version and least N.
func Summarize(rows File) []Series {
	type key struct{ scenario, version, outcome string }
	sorted := slices.SortedFunc(slices.Values(rows.Rows), func(a, b Row) int { return compareInSeries(a.Cell, b.Cell) })
	order, groups := index.Groups(sorted, func(row Row) key { return key{row.Scenario, row.Version, row.Outcome} })
	var series []Series
	for _, k := range order {
		series = append(series, newSeries(groups[k]))
	}
	return series
}

// compareInSeries keeps the cells of a series together.
func compareInSeries(a, b scenarios.Cell) int {
	return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.Version, b.Version), cmp.Compare(a.N, b.N))
}

func newSeries(rows []Row) Series {
	s := Series{
		Scenario: rows[0].Scenario, Version: rows[0].Version, Outcome: rows[0].Outcome,
		Metrics:    map[tracer.Metric]Growth{},
		Statements: map[string]Growth{},
		Checks:     map[string]Growth{},
	}
	for _, m := range tracer.Metrics() {
		s.Metrics[m] = growMetric(rows, m)
	}
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

package view

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// An Overview is what a run shows: one scenario in detail, the growth of every
// version in every scenario, and published figures against measured ones.
type Overview struct {
	Path      string
	Reference string    // the version that others are compared with
	Versions  []string  // those measured, oldest first
	Packages  bool      // that is what Versions are, each with scenarios of its own
	Headline  *Headline // nil if no scenario with an N was measured
	Growth    []ScenarioGrowth
	Claims    claims.Checks // of cells that were measured
}

// A Headline is the first scenario with an N.
type Headline struct {
	ScenarioGrowth
	N    []int // the two smallest measured
	rows map[scenarios.Cell]report.Row
}

// Row returns what a version costs at n, if that was measured.
func (h *Headline) Row(version string, n int) (row report.Row, ok bool) {
	row, ok = h.rows[scenarios.Cell{Scenario: h.Scenario, N: n, Version: version}]
	return row, ok
}

// Count returns how often a version does it at n, and nothing if that is unknown.
func (h *Headline) Count(version string, n int, m tracer.Metric) string {
	row, ok := h.Row(version, n)
	if !ok || !row.Has(m) {
		return ""
	}
	return fmt.Sprint(m.Of(row.Counts))
}

// Difference returns how much more a version costs at n than the reference. It is not ok unless
// both were measured and came to the same outcome: it would mean nothing.
func (o Overview) Difference(version string, n int, m tracer.Metric) (difference int, ok bool) {
	row, measured := o.Headline.Row(version, n)
	base, known := o.Headline.Row(o.Reference, n)
	return m.Of(row.Counts) - m.Of(base.Counts), measured && known && row.Outcome == base.Outcome
}

// Compared reports whether anything in the headline can be compared with the reference.
func (o Overview) Compared() bool {
	return slices.ContainsFunc(o.Versions, func(version string) bool {
		return version != o.Reference && slices.ContainsFunc(o.Headline.N, func(n int) bool {
			_, ok := o.Difference(version, n, tracer.SQL)
			return ok
		})
	})
}

// A ScenarioGrowth is one scenario, version by version as in Overview.Versions.
type ScenarioGrowth struct {
	Scenario string
	Counting string // what N counts; empty without N
	// Outcome is how its requests usually end: at the smallest N, the reference's or else
	// those of the first version.
	Outcome  string
	Versions []VersionGrowth
}

// A VersionGrowth is how a version grows in a scenario.
type VersionGrowth struct {
	// Series is the one that the largest N is in: where the growth leads. Nil if
	// the version was not measured.
	Series *report.Series
	// Verdicts compare with the reference version, where both came to the same
	// outcome.
	Verdicts map[tracer.Metric]report.Verdict
}

// NewOverview computes the overview of what was measured.
func NewOverview(rows report.File, claims claims.List) Overview {
	o := Overview{Path: rows.Name, Reference: rows.Reference}
	measured := index.Keys(rows.Rows, func(r report.Row) string { return r.Version })
	for _, version := range rows.Versions {
		if measured[version] {
			o.Versions = append(o.Versions, version)
		}
	}
	at := map[string]int{}                   // where Growth has a scenario
	seriesOf := map[string][]report.Series{} // by scenario
	spanOf := spansOf(rows.Rows)
	for _, s := range report.Summarize(rows) {
		seriesOf[s.Scenario] = append(seriesOf[s.Scenario], s)
	}
	for _, s := range rows.Scenarios {
		series := seriesOf[s.Name]
		o.Packages = o.Packages || s.Version != ""
		growth := ScenarioGrowth{Scenario: s.Name, Counting: cmp.Or(s.Counting, s.Unit), Outcome: usualOutcome(series, spanOf, rows.Subject, s)}
		reference := growthOf(series, spanOf, rows.Reference, nil)
		for _, version := range o.Versions {
			var of VersionGrowth
			if s.Version == "" || s.Version == version {
				of = growthOf(series, spanOf, version, reference.Series)
			}
			growth.Versions = append(growth.Versions, of)
		}
		if !slices.ContainsFunc(growth.Versions, func(g VersionGrowth) bool { return g.Series != nil }) {
			continue
		}
		if i, known := at[s.Name]; known {
			o.Growth[i].add(growth) // other packages have one of that name
		} else {
			at[s.Name] = len(o.Growth)
			o.Growth = append(o.Growth, growth)
		}
		if o.Headline == nil && s.Unit != "" {
			o.Headline = newHeadline(s, rows, growth)
		}
	}
	for _, check := range claims.Check(rows) {
		if check.Measured != nil {
			o.Claims = append(o.Claims, check)
		}
	}
	return o
}

// scenarios returns how many were measured. Two packages that have one of the same name have two.
func (o Overview) scenarios() int {
	if !o.Packages {
		return len(o.Growth)
	}
	n := 0
	for _, g := range o.Growth {
		for _, version := range g.Versions {
			if version.Series != nil {
				n++
			}
		}
	}
	return n
}

// Names returns what tells a series from others: the scenario, after the version if there are
// several.
func (o Overview) Names(version, scenario string) []string {
	if len(o.Versions) == 1 {
		return []string{scenario}
	}
	return []string{version, scenario}
}

// Usual reports whether requests of a scenario end as in the headline, if there is one.
func (o Overview) Usual(outcome string) bool {
	return o.Headline != nil && term.FirstWord(outcome) == term.FirstWord(o.Headline.Outcome)
}

// add adds the versions of the scenario of that name that other packages have.
func (g *ScenarioGrowth) add(other ScenarioGrowth) {
	for i, version := range other.Versions {
		if version.Series != nil {
			g.Versions[i] = version
		}
	}
	if g.Counting != other.Counting {
		g.Counting = ""
	}
}

// growthOf finds the growth of a version in the series of a scenario, compared with that of
// reference.
func growthOf(series []report.Series, spanOf func(report.Series) span, version string, reference *report.Series) VersionGrowth {
	var g VersionGrowth
	for _, s := range series {
		if s.Version != version {
			continue
		}
		if g.Series == nil || spanOf(s).last > spanOf(*g.Series).last {
			g.Series = &s
		}
	}
	if g.Series == nil || reference == nil || reference.Version == version || reference.Outcome != g.Series.Outcome {
		return g
	}
	g.Verdicts = map[tracer.Metric]report.Verdict{}
	for _, m := range report.CostMetrics() {
		g.Verdicts[m] = report.GrowthDiff{Base: reference.Metrics[m], Head: g.Series.Metrics[m]}.Verdict()
	}
	return g
}

// A span is the least and the largest N of a series. Its points do not have the N of requests that
// failed, whose counts are unknown.
type span struct{ first, last int }

// spansOf returns the span of each series in rows.
func spansOf(rows []report.Row) func(report.Series) span {
	type key struct{ scenario, version, outcome string }
	spans := map[key]span{}
	for _, row := range rows {
		of := key{row.Scenario, row.Version, row.Outcome}
		if known, ok := spans[of]; ok {
			spans[of] = span{min(known.first, row.N), max(known.last, row.N)}
		} else {
			spans[of] = span{row.N, row.N}
		}
	}
	return func(s report.Series) span { return spans[key{s.Scenario, s.Version, s.Outcome}] }
}

// usualOutcome is how requests of s end at the smallest N: those of the reference, or else of the
// first version.
func usualOutcome(series []report.Series, spanOf func(report.Series) span, subject report.Subject, s report.Scenario) string {
	rank := func(of report.Series) int {
		if of.Version == subject.Reference {
			return -1
		}
		return slices.Index(subject.Versions, of.Version)
	}
	own := slices.DeleteFunc(slices.Clone(series), func(of report.Series) bool { return s.Version != "" && s.Version != of.Version })
	if len(own) == 0 {
		return ""
	}
	return slices.MinFunc(own, func(a, b report.Series) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(spanOf(a).first, spanOf(b).first))
	}).Outcome
}

func newHeadline(s report.Scenario, rows report.File, growth ScenarioGrowth) *Headline {
	h := &Headline{ScenarioGrowth: growth, rows: rows.Cells()}
	for _, row := range rows.Rows {
		if row.Scenario == s.Name && (s.Version == "" || s.Version == row.Version) {
			h.N = append(h.N, row.N)
		}
	}
	slices.Sort(h.N)
	h.N = slices.Compact(h.N)
	h.N = h.N[:min(2, len(h.N))]
	return h
}

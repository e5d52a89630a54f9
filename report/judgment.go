package report

import (
	"cmp"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Judgment is a measurement judged by a baseline.
type Judgment struct {
	Comparison
	Findings []Finding // the differences, worst first
}

// A Finding is a series that differs from the baseline.
type Finding struct {
	SeriesDiff
	Unit string // what N counts; empty: there is no N
	// Gone says that a Missing series no longer exists in the code.
	Gone     bool
	Unjudged []tracer.Metric // costs that rose and are not judged
}

// Judge compares measured cells with baseline, by metrics (see [CostMetrics]) and the budgets in
// the baseline. An unmeasured cell of the baseline is Missing, unless its scenario could not be
// measured.
func Judge(baseline, measured File, metrics []tracer.Metric) Judgment {
	now, before := measured.listed(), baseline.listed()
	baseline.Rows = slices.DeleteFunc(slices.Clone(baseline.Rows), func(r Row) bool {
		scenario, _ := now.scenario(r.Version, r.Scenario)
		return scenario.Unmeasured != ""
	})
	r := rules{metrics: metrics, budgets: index.By(baseline.Budgets, Budget.subject)}
	j := Judgment{Comparison: r.compare("baseline", baseline, "measured", measured)}
	for _, d := range j.Series {
		if d.Verdict == Same && !d.Changed() {
			continue
		}
		f := Finding{SeriesDiff: d, Gone: d.Verdict == Missing && measured.Whole}
		for _, m := range costs {
			if !slices.Contains(metrics, m) && d.Metrics[m].Verdict() == Worse {
				f.Unjudged = append(f.Unjudged, m)
			}
		}
		// The baseline may list more: unmeasured scenarios, and scenarios of one version.
		scenario, listed := now.scenario(d.Version, d.Scenario)
		if old, ok := before.scenario(d.Version, d.Scenario); ok && (!listed || scenario.Version == "" && old.Version != "") {
			scenario = old
		}
		f.Unit = scenario.Unit
		j.Findings = append(j.Findings, f)
	}
	slices.SortStableFunc(j.Findings, func(a, b Finding) int { return cmp.Compare(a.rank(), b.rank()) })
	return j
}

// rank orders findings: what fails the gate comes first.
func (f Finding) rank() int {
	if f.Failure != "" {
		f.Verdict = NotCompared
	}
	return slices.Index([]Verdict{Worse, NotCompared, Added, Missing, Better, Same}, f.Verdict)
}

// Fails reports whether f fails the gate: it costs more, or has another outcome, so that its
// costs are unknown.
func (f Finding) Fails() bool {
	return f.Verdict == Worse || f.Verdict == NotCompared || f.Failure != ""
}

// Failing returns the findings for which the gate fails.
func (j Judgment) Failing() []Finding {
	return slices.DeleteFunc(slices.Clone(j.Findings), func(f Finding) bool { return !f.Fails() })
}

package report

import (
	"cmp"
	"slices"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Judgment is what was measured, judged by a baseline.
type Judgment struct {
	Comparison
	Findings []Finding // what is not the same, worst first
}

// A Finding is a series that differs from the baseline.
type Finding struct {
	SeriesDiff
	Unit string // what one more of N adds; empty: there is no N
	// Gone says of what is Missing that the code does not have it any more.
	Gone     bool
	Unjudged []tracer.Metric // costs that rose and were not to be judged
}

// Judge sets measured cells against baseline, by the metrics given (see [CostMetrics]) and
// the budgets in the baseline. A cell of the baseline that was not measured is Missing, unless
// its scenario could not be measured.
func Judge(baseline, measured File, metrics []tracer.Metric) Judgment {
	baseline.Rows = slices.DeleteFunc(slices.Clone(baseline.Rows), func(r Row) bool {
		return measured.Scenario(r.Version, r.Scenario).Unmeasured != ""
	})
	r := rules{metrics: metrics, budgets: baseline.Budgets}
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
		// The baseline may know more: what was not measured, and what one version has.
		scenario, listed := measured.scenario(d.Version, d.Scenario)
		if old, ok := baseline.scenario(d.Version, d.Scenario); ok && (!listed || scenario.Version == "" && old.Version != "") {
			scenario = old
		}
		f.Unit = scenario.Unit
		j.Findings = append(j.Findings, f)
	}
	slices.SortStableFunc(j.Findings, func(a, b Finding) int { return cmp.Compare(a.rank(), b.rank()) })
	return j
}

// rank orders findings: what fails the gate first.
func (f Finding) rank() int {
	if f.Failure != "" {
		f.Verdict = NotCompared
	}
	return slices.Index([]Verdict{Worse, NotCompared, Added, Missing, Better, Same}, f.Verdict)
}

// Fails reports whether the gate fails for it: it costs more, or comes to another
// outcome, so that its costs are not known.
func (f Finding) Fails() bool {
	return f.Verdict == Worse || f.Verdict == NotCompared || f.Failure != ""
}

// Failing returns the findings for which the gate fails.
func (j Judgment) Failing() []Finding {
	return slices.DeleteFunc(slices.Clone(j.Findings), func(f Finding) bool { return !f.Fails() })
}

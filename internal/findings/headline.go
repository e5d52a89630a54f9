package findings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Subject names what the finding is about: "pr-24973 agents".
func (f Finding) Subject() string { return f.Version + " " + f.Scenario }

// Headline says in one sentence what happened: "SQL grows by 4 per agent (baseline 3)". Like
// Subject it may contain unprintable names.
func (f Finding) Headline() string {
	switch {
	case f.Failure != "":
		return fmt.Sprintf("has outcome %s, so its costs cannot be compared: %s", f.HeadOutcome, f.Failure)
	case f.Verdict == report.NotCompared:
		return fmt.Sprintf("has outcome %s instead of %s, so its costs cannot be compared", f.HeadOutcome, f.BaseOutcome)
	case f.Verdict == report.Worse:
		var parts []string
		for _, m := range f.Main() {
			parts = append(parts, f.MetricHeadline(m))
		}
		return strings.Join(parts, "; ")
	case f.Verdict == report.Added:
		return "is not in the baseline"
	case f.Verdict == report.Missing && f.Gone:
		return "is in the baseline and no longer exists in the code"
	case f.Verdict == report.Missing:
		return "is in the baseline and was not measured"
	case f.Verdict == report.Better:
		return "costs less than the baseline"
	case len(f.Allowed) > 0:
		return "costs more than the baseline, within its budget: " + f.Budgets[f.Allowed[0]].Reason
	case len(f.Unjudged) > 0:
		return "costs more in metrics that are not judged: " + list(f.Unjudged)
	case len(f.Changes) == 0:
		return "costs the same, with different repeats"
	default:
		return "costs the same, with different statements or checks"
	}
}

// MetricHeadline is the part of Headline about one metric.
func (f Finding) MetricHeadline(m tracer.Metric) string {
	g := f.Metrics[m]
	before, beforeOK := g.Base.Rate()
	after, afterOK := g.Head.Rate()
	n, from, to, _ := largest(g)
	budget := f.Budgets[m]
	switch {
	case budget.Exceeded(g.Head):
		return fmt.Sprintf("%s is over its budget: at most %s", Title(m), Limit(budget, f.UnitOrN()))
	case beforeOK && afterOK && after > before:
		return fmt.Sprintf("%s grows by %d per %s (baseline %d)", Title(m), after, f.UnitOrN(), before)
	case g.Head.Law.Shape == report.Irregular && g.Steeper():
		return fmt.Sprintf("%s no longer fits a constant, linear or quadratic curve (baseline %s)", Title(m), g.Base)
	case g.Steeper():
		return fmt.Sprintf("%s grows as %s (baseline %s)", Title(m), g.Head, g.Base)
	case f.Unit == "":
		return fmt.Sprintf("%s rises by %d (baseline %d)", Title(m), to-from, from)
	default:
		return fmt.Sprintf("%s rises by %d at N=%d (baseline %d)", Title(m), to-from, n, from)
	}
}

// UnitOrN returns the name of one unit of N.
func (f Finding) UnitOrN() string { return cmp.Or(f.Unit, "N") }

// Title returns the name of a metric in tables.
func Title(m tracer.Metric) string {
	switch m {
	case tracer.SQL:
		return "SQL"
	case tracer.RBAC:
		return "RBAC"
	default:
		return string(m)
	}
}

// Limit describes what b allows: "30 a request, 1 per agent".
func Limit(b report.Budget, unit string) string {
	var parts []string
	if b.Max != nil {
		parts = append(parts, fmt.Sprintf("%d a request", *b.Max))
	}
	if b.PerN != nil {
		parts = append(parts, fmt.Sprintf("%d per %s", *b.PerN, unit))
	}
	return strings.Join(parts, ", ")
}

func list(metrics []tracer.Metric) string {
	var names []string
	for _, m := range metrics {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

// overBudgets reports whether everything that costs more exceeds a budget, so that the baseline
// does not matter. With limits in a test there is no baseline.
func (j Judgment) overBudgets() bool {
	costlier := j.costlier()
	return !slices.ContainsFunc(j.Findings, func(f Finding) bool {
		return len(costlier(f)) > 0 && slices.ContainsFunc(f.Worse, func(m tracer.Metric) bool { return !f.Budgets[m].Exceeded(f.Metrics[m].Head) })
	})
}

// Sentence returns the verdict as a sentence. It may contain unprintable names.
func (j Judgment) Sentence() string {
	steeper, costlier := 0, j.costlier()
	for _, f := range j.Findings {
		if f.Verdict == report.Worse && len(costlier(f)) == 0 {
			steeper += len(f.Scenarios())
		}
	}
	within, failures, different := 0, 0, 0
	for _, d := range j.Cells {
		switch {
		case d.Verdict == report.Same && len(d.Verdicts) > 0: // worse without its budget
			within++
		case d.Head.Failure != "":
			failures++
		case d.Verdict == report.NotCompared:
			different++
		}
	}
	var parts []string
	say := func(n int, singular, plural string) {
		if n > 0 {
			parts = append(parts, term.Count(n, singular, plural))
		}
	}
	if j.ProofFailure != "" {
		parts = append(parts, j.ProofFailure)
	}
	say(len(j.Unmeasured), "scenario could not be measured", "scenarios could not be measured")
	limit := "the baseline"
	if j.overBudgets() {
		limit = "the budget allows"
	}
	caused := j.Caused()
	if caused > 0 {
		parts = append(parts, fmt.Sprintf("%s, in %d of %s", term.Count(len(j.Causes), "cause", "causes"), caused, term.Count(len(j.Cells), "measurement", "measurements")))
	}
	say(j.Count(report.Worse)-caused, "measurement costs more than "+limit, "measurements cost more than "+limit)
	say(steeper, "scenario grows faster, though no measurement shows it", "scenarios grow faster, though no measurement shows it")
	say(failures, "measurement does not have the declared outcome", "measurements do not have the declared outcome")
	say(different, "measurement has a different outcome", "measurements have different outcomes")
	say(j.Count(report.Added), "measurement is not in the baseline", "measurements are not in the baseline")
	say(j.Count(report.Missing), "measurement of the baseline is missing", "measurements of the baseline are missing")
	say(within, "measurement costs more, within its budget", "measurements cost more, within their budgets")
	say(j.Count(report.Better), "measurement costs less", "measurements cost less")
	if len(parts) == 0 {
		judged := ""
		if len(j.Judged) < len(report.CostMetrics()) {
			judged = ", judged by " + list(j.Judged)
		}
		say(len(j.Cells), "measurement equals the baseline"+judged, "measurements equal the baseline"+judged)
	}
	return strings.Join(parts, "; ") + "."
}

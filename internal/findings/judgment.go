package findings

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Judgment is a [report.Judgment] as people are told of it.
type Judgment struct {
	report.Comparison
	Path     string
	Judged   []tracer.Metric // the others are shown only
	Findings []Finding       // what is not the same, worst first
	// Unmeasured is what could not be measured: nothing is known about it. The caller adds
	// what the measured file does not say.
	Unmeasured []Unmeasured
	// ProofFailure says why none of it is to be believed, if the caller has found that the gate
	// does not see what it is there for: "this gate cannot see …".
	ProofFailure string
}

// An Unmeasured is what could not be measured, and why. Like a Finding's its texts are not yet
// made harmless.
type Unmeasured struct {
	Version  string `json:"version"`
	Scenario string `json:"scenario"`
	Reason   string `json:"reason"`
}

// String is "not measured: orders list: at N=4: unstable …".
func (u Unmeasured) String() string {
	return fmt.Sprintf("not measured: %s %s: %s", u.Version, u.Scenario, u.Reason)
}

// NotMeasured returns what f says could not be measured.
func NotMeasured(f report.File) []Unmeasured {
	var list []Unmeasured
	for _, s := range f.Scenarios {
		if s.Unmeasured != "" {
			list = append(list, Unmeasured{s.Version, s.Name, s.Unmeasured})
		}
	}
	return list
}

// A Finding is a series that differs from the baseline, with what is behind it.
type Finding struct {
	report.Finding
	// Also names further scenarios of the version of which the same is true.
	Also []string
	// Causes are the statements and checks that changed, most changed first.
	Causes []Cause
}

// Judge judges as [report.Judge] does. Who asks for what changed is known as far as measured
// has trees.
func Judge(baseline, measured report.File, metrics []tracer.Metric) Judgment {
	judged := report.Judge(baseline, measured, metrics)
	j := Judgment{Comparison: judged.Comparison, Path: measured.Name, Judged: metrics, Unmeasured: NotMeasured(measured)}
	for _, f := range judged.Findings {
		j.add(Finding{Finding: f, Causes: causes(f.SeriesDiff, measured.Trees)})
	}
	return j
}

// add keeps f, or notes its scenario with a finding that says the same.
func (j *Judgment) add(f Finding) {
	for i := range j.Findings {
		if j.Findings[i].sameAs(f) {
			j.Findings[i].Also = append(j.Findings[i].Also, f.Scenario)
			return
		}
	}
	j.Findings = append(j.Findings, f)
}

// Finding returns what was found about the series d, or nil.
func (j *Judgment) Finding(d report.SeriesDiff) *Finding {
	i := slices.IndexFunc(j.Findings, func(f Finding) bool {
		return f.Failure == d.Failure && f.Version == d.Version && f.Verdict == d.Verdict && slices.Contains(f.Scenarios(), d.Scenario) &&
			f.BaseOutcome == d.BaseOutcome && f.HeadOutcome == d.HeadOutcome
	})
	if i < 0 {
		return nil
	}
	return &j.Findings[i]
}

// sameAs reports whether the same changed in both for the same reason, so that
// one explanation does for the two.
func (f Finding) sameAs(o Finding) bool {
	return f.Version == o.Version && f.Verdict == o.Verdict && f.Unit == o.Unit && f.Scenario != o.Scenario &&
		f.BaseOutcome == o.BaseOutcome && f.HeadOutcome == o.HeadOutcome && f.Failure == o.Failure &&
		len(f.Budgets)+len(o.Budgets) == 0 && slices.Equal(f.N, o.N) && slices.Equal(f.Worse, o.Worse) && slices.Equal(f.Allowed, o.Allowed) &&
		!slices.ContainsFunc(f.shown(), func(m tracer.Metric) bool { return !reflect.DeepEqual(f.Metrics[m], o.Metrics[m]) }) &&
		reflect.DeepEqual(f.Causes, o.Causes)
}

// shown are the metrics that a report shows of f.
func (f Finding) shown() []tracer.Metric {
	if !f.Fails() {
		return tracer.Metrics()
	}
	return append([]tracer.Metric{tracer.SQL, tracer.RBAC}, f.Worse...)
}

// Failing returns the findings for which the gate fails.
func (j Judgment) Failing() []Finding {
	return slices.DeleteFunc(slices.Clone(j.Findings), func(f Finding) bool { return !f.Fails() })
}

// Lost returns an error if anything that is to be judged cannot be known of what was measured:
// the baseline has it, or a limit of it.
func (j Judgment) Lost() error {
	for _, d := range j.Series {
		for _, m := range j.Judged {
			g, budget := d.Metrics[m], d.Budgets[m]
			if len(g.Head.Points) == 0 && (len(g.Base.Points) > 0 && len(d.Metrics[tracer.SQL].Head.Points) > 0 || budget.Metric != "") {
				return fmt.Errorf("%s of %q cannot be judged any more: through database/sql it is not known, see tracer.Counts.Absent; "+
					"take its limit out, or write the baseline anew", m, strings.TrimSpace(d.Version+" "+d.Scenario))
			}
		}
	}
	return nil
}

// Improved reports whether anything is better than the baseline.
func (j Judgment) Improved() bool {
	return slices.ContainsFunc(j.Findings, func(f Finding) bool { return f.Verdict == report.Better })
}

// Verdict returns what is to be done about it, in a word: "blind", "regression",
// "unmeasured", "outdated" (a baseline that is about other cells), "improved" or "same".
func (j Judgment) Verdict() string {
	switch {
	case j.ProofFailure != "":
		return "blind"
	case len(j.Failing()) > 0:
		return "regression"
	case len(j.Unmeasured) > 0:
		return "unmeasured"
	case j.Outdated():
		return "outdated"
	case j.Improved():
		return "improved"
	default:
		return "same"
	}
}

// Main returns the costs that make the finding worse, without those that only
// follow the number of statements: each statement has its round trip and, on a
// pool, its acquire.
func (f Finding) Main() []tracer.Metric {
	sql := f.Metrics[tracer.SQL]
	return slices.DeleteFunc(slices.Clone(f.Worse), func(m tracer.Metric) bool {
		return (m == tracer.RoundTrips || m == tracer.Acquires) && slices.Contains(f.Worse, tracer.SQL) &&
			slices.Equal(differences(f.Metrics[m]), differences(sql))
	})
}

// Scenarios returns the scenario that f is about, and those of which the same is true.
func (f Finding) Scenarios() []string { return append([]string{f.Scenario}, f.Also...) }

// OverBudget reports whether a budget of its own is why it fails.
func (f Finding) OverBudget() bool {
	return slices.ContainsFunc(f.Worse, func(m tracer.Metric) bool { return f.Budgets[m].Exceeded(f.Metrics[m].Head) })
}

// Cell returns the measured cell that shows best what the finding is about: one
// with more than one of N, if there is any, as a fan-out needs two to show.
func (f Finding) Cell() scenarios.Cell {
	n := f.N[len(f.N)-1]
	if i := slices.IndexFunc(f.N, func(n int) bool { return n > 1 }); i >= 0 {
		n = f.N[i]
	}
	return scenarios.Cell{Scenario: f.Scenario, N: n, Version: f.Version}
}

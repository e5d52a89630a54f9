package findings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Judgment is a [report.Judgment] as people are told of it.
type Judgment struct {
	report.Comparison
	Path     string
	Judged   []tracer.Metric // the others are shown only
	Findings []Finding       // what is not the same, worst first
	// Causes are behind the findings, as far as it is known who asks; the largest effect first.
	Causes []Cause
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

// Judge judges as [report.Judge] does. Who asks for what changed is known as far as measured
// has trees.
func Judge(baseline, measured report.File, metrics []tracer.Metric) Judgment {
	judged := report.Judge(baseline, measured, metrics)
	j := Judgment{Comparison: judged.Comparison, Path: measured.Name, Judged: metrics, Unmeasured: NotMeasured(measured)}
	for _, f := range judged.Findings {
		found := Finding{Finding: f, Changes: changes(f.SeriesDiff, measured.Trees), Folder: measured.Scenario(f.Version, f.Scenario).Folder}
		found.rises, found.PlacesKnown = rises(found, baseline.Trees, measured.Trees)
		j.add(found)
	}
	j.Causes = causes(j.Findings, functions(baseline.Trees))
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

// Unplaced returns the findings that no cause is behind, in their order.
func (j Judgment) Unplaced() []Finding {
	return slices.DeleteFunc(slices.Clone(j.Findings), Finding.Placed)
}

// Caused returns how many cells cost more for a known cause.
func (j Judgment) Caused() int {
	n := 0
	if len(j.Causes) == 0 {
		return 0
	}
	for _, d := range j.Cells {
		if d.Verdict == report.Worse && slices.ContainsFunc(j.Findings, func(f Finding) bool {
			return f.Placed() && f.Version == d.Version && slices.Contains(f.Scenarios(), d.Scenario) && slices.Contains(f.N, d.N)
		}) {
			n++
		}
	}
	return n
}

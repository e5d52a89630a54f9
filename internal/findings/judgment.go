package findings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Judgment is a [report.Judgment] with what people need to know about it.
type Judgment struct {
	report.Comparison
	Path     string
	Judged   []tracer.Metric // the others are only shown
	Findings []Finding       // the differences, worst first
	// Causes explain the findings, as far as call sites are known; largest effect first.
	Causes []Cause
	// Unmeasured is what could not be measured, so nothing is known about it. The caller adds
	// what the measured file does not contain.
	Unmeasured []Unmeasured
	// ProofFailure says why the judgment cannot be trusted, if the caller found that the gate
	// does not notice added work: "this gate cannot see …".
	ProofFailure string
}

// An Unmeasured is what could not be measured, and why. Its texts may contain unprintable names.
type Unmeasured struct {
	Version  string `json:"version"`
	Scenario string `json:"scenario"`
	Reason   string `json:"reason"`
}

// String returns "not measured: orders list: at N=4: unstable …".
func (u Unmeasured) String() string {
	return fmt.Sprintf("not measured: %s %s: %s", u.Version, u.Scenario, u.Reason)
}

// NotMeasured returns the scenarios of f that could not be measured.
func NotMeasured(f report.File) []Unmeasured {
	var list []Unmeasured
	for _, s := range f.Scenarios {
		if s.Unmeasured != "" {
			list = append(list, Unmeasured{s.Version, s.Name, s.Unmeasured})
		}
	}
	return list
}

// Judge judges like [report.Judge], with call sites as far as measured has trees.
func Judge(baseline, measured report.File, metrics []tracer.Metric) Judgment {
	judged := report.Judge(baseline, measured, metrics)
	j := Judgment{Comparison: judged.Comparison, Path: measured.Name, Judged: metrics, Unmeasured: NotMeasured(measured)}
	before, now, alike := calltree.Cells(baseline.Trees), calltree.Cells(measured.Trees), map[string][]int{}
	for _, f := range judged.Findings {
		found := Finding{Finding: f, Changes: changes(f.SeriesDiff, now), Folder: measured.Scenario(f.Version, f.Scenario).Folder}
		found.rises, found.PlacesKnown = rises(found, before, now)
		j.add(found, alike)
	}
	j.Causes = causes(j.Findings, functions(baseline.Trees))
	return j
}

// add adds f, or adds its scenario to an equal finding, which is one of those that alike lists.
func (j *Judgment) add(f Finding, alike map[string][]int) {
	key := fmt.Sprint(f.Version, f.N, f.Metrics[tracer.SQL], f.Metrics[tracer.RBAC])
	for _, i := range alike[key] {
		if j.Findings[i].sameAs(f) {
			j.Findings[i].Also = append(j.Findings[i].Also, f.Scenario)
			return
		}
	}
	alike[key] = append(alike[key], len(j.Findings))
	j.Findings = append(j.Findings, f)
}

// BySeries returns a function for the finding about a series, which is nil if there is none.
func (j Judgment) BySeries() func(report.SeriesDiff) *Finding {
	of := map[scenarios.Cell]*Finding{} // each cell is in one series
	for i := range j.Findings {
		for _, cell := range j.Findings[i].cells() {
			of[cell] = &j.Findings[i]
		}
	}
	return func(d report.SeriesDiff) *Finding {
		return of[scenarios.Cell{Scenario: d.Scenario, N: d.N[0], Version: d.Version}]
	}
}

// Failing returns the findings for which the gate fails.
func (j Judgment) Failing() []Finding {
	return slices.DeleteFunc(slices.Clone(j.Findings), func(f Finding) bool { return !f.Fails() })
}

// Lost returns an error if a judged metric is unknown in what was measured, but known or limited
// in the baseline.
func (j Judgment) Lost() error {
	for _, d := range j.Series {
		for _, m := range j.Judged {
			g, budget := d.Metrics[m], d.Budgets[m]
			if len(g.Head.Points) == 0 && (len(g.Base.Points) > 0 && len(d.Metrics[tracer.SQL].Head.Points) > 0 || budget.Metric != "") {
				return fmt.Errorf("%s of %q can no longer be judged: it is unknown through database/sql, see tracer.Counts.Absent; "+
					"remove its limit, or write the baseline again", m, strings.TrimSpace(d.Version+" "+d.Scenario))
			}
		}
	}
	return nil
}

// Outdated reports whether baseline and measurement have different cells.
func (j Judgment) Outdated() bool { return j.Count(report.Added)+j.Count(report.Missing) > 0 }

// Improved reports whether anything is better than the baseline.
func (j Judgment) Improved() bool {
	return slices.ContainsFunc(j.Findings, func(f Finding) bool { return f.Verdict == report.Better })
}

// Verdict returns the verdict in one word: "blind", "regression", "unmeasured", "outdated" (the
// baseline has other cells), "improved" or "same".
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

// Unplaced returns the findings without a known cause, in their order.
func (j Judgment) Unplaced() []Finding {
	return slices.DeleteFunc(slices.Clone(j.Findings), Finding.Placed)
}

// Caused returns how many cells cost more because of a known cause.
func (j Judgment) Caused() int {
	caused, costlier := map[scenarios.Cell]bool{}, j.costlier()
	for _, c := range j.Causes {
		for _, f := range c.Findings {
			for _, cell := range costlier(f) {
				caused[cell] = true
			}
		}
	}
	return len(caused)
}

// costlier returns a function for the cells of a finding that cost more. It has none if it only
// grows faster.
func (j Judgment) costlier() func(Finding) []scenarios.Cell {
	worse := map[scenarios.Cell]bool{}
	for _, d := range j.Cells {
		worse[d.Cell] = worse[d.Cell] || d.Verdict == report.Worse
	}
	return func(f Finding) []scenarios.Cell {
		return slices.DeleteFunc(f.cells(), func(cell scenarios.Cell) bool { return !worse[cell] })
	}
}

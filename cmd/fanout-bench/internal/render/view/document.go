// Package view computes what reports for people show: what an overview leads with, what
// comes first in a document, how trees of several N look as one. It lays nothing out, and
// the renderers compute nothing.
package view

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Document is what a report for people says of results: what is not as in a
// baseline, and what everything costs. A renderer leaves out what is not there.
type Document struct {
	findings.Judgment
	Overview Overview
	// Baseline is what results are judged by, and Measured the results, with the
	// trees that were kept of either.
	Baseline, Measured   report.File
	BaseTrees, HeadTrees map[scenarios.Cell]calltree.Tree
	// Against is what the baseline is called: a file, or a version of the path.
	Against string
	// Reference is the version that the others are judged by. Empty: a baseline is that.
	Reference string
	Advice    findings.Advice
	// Source is what the address of a file of the repository begins with, as it was measured.
	// Empty: it is not known.
	Source string
	// Release is the version of the command, if it is a release.
	Release string
	// Chart and Page are the addresses of the chart and the page of the same results, which
	// can stand in a link as they are. Empty: there are none to link.
	Chart, Page string
}

// Link returns the address of the place of a cause. It is empty where that is not known.
func (d Document) Link(c findings.Cause) string {
	if d.Source == "" || c.At.File == "" {
		return ""
	}
	var parts []string
	for part := range strings.SplitSeq(c.File(), "/") {
		parts = append(parts, strings.NewReplacer("(", "%28", ")", "%29", "@", "%40", "*", "%2A", "_", "%5F", "~", "%7E").Replace(url.PathEscape(part)))
	}
	return fmt.Sprintf("%s%s#L%d", d.Source, strings.Join(parts, "/"), c.At.Line)
}

// BaselineOf returns the file that f is judged by: that beside its test, or the one of the
// built-in case. It is empty if there is none, as where another branch or limits in a test
// judge.
func (d Document) BaselineOf(f findings.Finding) string {
	now, before := d.Measured.Scenario(f.Version, f.Scenario), d.Baseline.Scenario(f.Version, f.Scenario)
	if now.Test == "" && before.Test == "" {
		return d.Against
	}
	return cmp.Or(now.Baseline, before.Baseline)
}

// NewDocument returns the document about what was measured, judged by a baseline that is
// called name as [findings.Judge] does.
func NewDocument(advice findings.Advice, name string, baseline, measured report.File, claims claims.List, metrics []tracer.Metric) Document {
	return Document{
		Judgment: findings.Judge(baseline, measured, metrics), Overview: NewOverview(measured, claims),
		Baseline: baseline, Measured: measured, Against: name, Advice: advice,
		BaseTrees: calltree.Cells(baseline.Trees), HeadTrees: calltree.Cells(measured.Trees),
	}
}

// NewVersionsDocument returns the document about what was measured in several versions,
// each judged by what the reference version costs. ok is false if there are no two to
// compare.
func NewVersionsDocument(measured report.File, claims claims.List) (d Document, ok bool) {
	baseline, others := byReference(measured)
	if len(baseline.Rows) == 0 {
		return Document{}, false
	}
	judgment := findings.Judge(baseline, others, report.CostMetrics())
	judgment.Causes = nil // another version is no change of one
	return Document{
		Judgment: judgment, Overview: NewOverview(measured, claims),
		Baseline: baseline, Measured: measured, Against: measured.Reference, Reference: measured.Reference,
		BaseTrees: calltree.Cells(baseline.Trees), HeadTrees: calltree.Cells(measured.Trees),
	}, true
}

// NewMeasuredDocument returns the document about what was measured where there is nothing
// to judge it by.
func NewMeasuredDocument(measured report.File, claims claims.List) Document {
	measured.Budgets = nil
	baseline := measured
	baseline.Trees = nil
	return NewDocument(findings.Advice{}, "", baseline, measured, claims, report.CostMetrics())
}

// Judges reports whether the document has a verdict: versions are only compared, and results
// without a baseline only shown.
func (d Document) Judges() bool { return d.Against != "" && d.Reference == "" }

// Heading returns the verdict in a word and in a sentence, or what the document is if it has
// none.
func (d Document) Heading() (word, sentence string) {
	scenarios, versions := term.Count(d.Overview.scenarios(), "scenario", "scenarios"), term.Count(len(d.Overview.Versions), "version", "versions")
	switch {
	case d.Judges():
		return d.Verdict(), d.Sentence()
	case d.Reference != "":
		return "comparison", fmt.Sprintf("%s of %s in %s, compared with %s.", versions, d.Path, scenarios, d.Reference)
	default:
		return "measured", fmt.Sprintf("%s of %s, without a baseline to compare with.", scenarios, d.Path)
	}
}

// Checks reports whether anything was checked for authorization.
func (d Document) Checks() bool {
	checks := func(r report.Row) bool { return r.RBAC > 0 }
	return slices.ContainsFunc(d.Measured.Rows, checks) || slices.ContainsFunc(d.Baseline.Rows, checks)
}

// byReference splits rows into those of other versions than the reference, and a
// baseline in which each of these costs what the reference does.
func byReference(r report.File) (baseline, others report.File) {
	baseline, others = report.File{Subject: r.Subject}, report.File{Subject: r.Subject}
	others.Rows = slices.DeleteFunc(slices.Clone(r.Rows), func(row report.Row) bool { return row.Version == r.Reference })
	others.Trees = slices.DeleteFunc(slices.Clone(r.Trees), func(t calltree.Tree) bool { return t.Cell.Version == r.Reference })
	rows, trees := r.Cells(), calltree.Cells(r.Trees)
	for _, row := range others.Rows {
		if base, ok := rows[scenarios.Cell{Scenario: row.Scenario, N: row.N, Version: r.Reference}]; ok {
			base.Version = row.Version
			baseline.Rows = append(baseline.Rows, base)
		}
	}
	for _, tree := range others.Trees {
		if base, ok := trees[scenarios.Cell{Scenario: tree.Cell.Scenario, N: tree.Cell.N, Version: r.Reference}]; ok {
			base.Cell.Version = tree.Cell.Version
			baseline.Trees = append(baseline.Trees, base)
		}
	}
	return baseline, others
}

// A Ranked is a series with what was found about it, if anything was.
type Ranked struct {
	report.SeriesDiff
	Finding *findings.Finding
	AtN     string // the N that counts are shown at; empty for a scenario without N
}

// Ranked returns the series, what fails the gate first and else in the order of the
// path, and apart from them what is the same in every count.
func (d Document) Ranked() (changed, unchanged []Ranked) {
	hasN, finding := map[string]bool{}, d.BySeries()
	for _, s := range d.Series {
		hasN[s.Scenario] = hasN[s.Scenario] || slices.Max(s.N) > 0
	}
	for _, s := range d.Series {
		r := Ranked{SeriesDiff: s, Finding: finding(s)}
		if hasN[s.Scenario] {
			r.AtN = fmt.Sprint(At(s))
		}
		if r.Finding != nil {
			changed = append(changed, r)
		} else {
			unchanged = append(unchanged, r)
		}
	}
	scenarios, versions, verdicts := map[string]int{}, map[string]int{}, map[report.Verdict]int{}
	for i, growth := range d.Overview.Growth {
		scenarios[growth.Scenario] = i + 1
	}
	for i, version := range d.Overview.Versions {
		versions[version] = i + 1
	}
	for i, f := range slices.Backward(d.Findings) { // in the order of what fails the gate
		verdicts[f.Verdict] = i
	}
	inPath := func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(scenarios[a.Scenario], scenarios[b.Scenario]), cmp.Compare(versions[a.Version], versions[b.Version]))
	}
	slices.SortStableFunc(changed, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(verdicts[a.Verdict], verdicts[b.Verdict]), inPath(a, b))
	})
	slices.SortStableFunc(unchanged, inPath)
	return changed, unchanged
}

// Trees returns the trees of a cell before and now, as far as they were kept.
func (d Document) Trees(cell scenarios.Cell) (base, head *calltree.Tree) {
	if t, ok := d.BaseTrees[cell]; ok {
		if d.Reference != "" {
			t.Cell.Version = d.Against
		}
		base = &t
	}
	if t, ok := d.HeadTrees[cell]; ok {
		head = &t
	}
	return base, head
}

// SeriesOf returns what f has of each scenario, in the order of the versions.
func (d Document) SeriesOf(f report.File) map[string][]report.Series {
	all := map[string][]report.Series{}
	for _, s := range report.Summarize(f) {
		all[s.Scenario] = append(all[s.Scenario], s)
	}
	for _, list := range all {
		slices.SortStableFunc(list, func(a, b report.Series) int {
			return cmp.Compare(slices.Index(d.Overview.Versions, a.Version), slices.Index(d.Overview.Versions, b.Version))
		})
	}
	return all
}

// NameOf is the version, with how its requests end if that is not the usual.
func (d Document) NameOf(s report.Series) string {
	name := term.Printable(s.Version, term.NameWidth)
	if d.Overview.Headline != nil && !d.Overview.Usual(s.Outcome) {
		name += " (" + term.Printable(term.FirstWord(s.Outcome), term.OutcomeWidth) + ")"
	}
	return name
}

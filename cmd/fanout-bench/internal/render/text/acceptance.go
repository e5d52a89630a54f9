package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Acceptance shows each series that the new baseline changes, with one line for each change.
func Acceptance(a merge.Acceptance, style term.Style) string {
	t := &table{header: left("", "scenario", "N", "old → new")}
	for _, d := range a.Changes.Series {
		about := []string{findings.Word(style, d.Verdict), term.Printable(d.Version+" "+d.Scenario, 2*term.NameWidth), term.Span(d.N)}
		for _, change := range changed(d) {
			t.add(append(about, term.Printable(change, 0))...)
			about = []string{"", "", ""}
		}
	}
	return t.part() + fmt.Sprintf("%d of %s.\n", len(a.Changed()), term.Count(len(a.Changes.Cells), "measurement changes", "measurements change"))
}

// changed lists what differs: "SQL 13 → 14", "RBAC 5 → 6".
func changed(d report.SeriesDiff) []string {
	f := findings.Finding{Finding: report.Finding{SeriesDiff: d}}
	var list []string
	switch d.Verdict {
	case report.Added:
		return []string{d.HeadOutcome + ": " + strings.Join(f.Overview(), ", ")}
	case report.Missing:
		return []string{"removed: " + strings.Join(f.Overview(), ", ")}
	case report.NotCompared:
		list = append(list, d.BaseOutcome+" → "+d.HeadOutcome)
	}
	// Costs omits metrics that only follow the number of queries.
	f.Worse = slices.DeleteFunc(report.CostMetrics(), func(m tracer.Metric) bool { return !d.Metrics[m].Changed() })
	if list = append(list, f.Costs()...); len(list) > 0 {
		return list
	}
	for _, g := range slices.Concat(d.Statements, d.Checks) {
		list = append(list, term.Printable(g.Name, term.StatementWidth)+" "+g.String())
	}
	if len(list) > 0 {
		return list
	}
	for _, m := range tracer.Metrics() {
		if d.Metrics[m].Changed() {
			list = append(list, string(m)+" "+d.Metrics[m].String())
		}
	}
	return list
}

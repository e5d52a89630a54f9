package render_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/ci"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// failedRow is what a test leaves of a Run that failed: nobody knows what it costs.
func failedRow(version, scenario string, n int) report.Row {
	return report.Row{
		Cell: scenarios.Cell{Version: version, Scenario: scenario, N: n}, Outcome: "error", Failure: "Run returned an error: boom",
		Counts: tracer.Counts{Statements: map[string]int{}, Checks: map[string]int{}, Absent: tracer.Metrics()},
	}
}

// TestFailedIsNotFree has measurements that failed, of one and of two versions, with a baseline
// and without. No report may show their unknown counts as 0, or as those of the baseline.
func TestFailedIsNotFree(t *testing.T) {
	for name, versions := range map[string][]string{"one version": {"v1"}, "two versions": {"v1", "v2"}} {
		t.Run(name, func(t *testing.T) {
			var baseline, measured report.File
			baseline.Subject, measured.Subject = reporttest.Subject, reporttest.Subject
			for _, v := range versions {
				baseline.Rows = append(baseline.Rows, reporttest.Cell(v, "agents", 1, "ok", 7, 3), reporttest.Cell(v, "agents", 2, "ok", 7, 3))
				measured.Rows = append(measured.Rows, reporttest.Cell(v, "agents", 1, "ok", 7, 3), failedRow(v, "agents", 2), failedRow(v, "login", 0))
			}
			d := view.NewDocument(view.Measured(), "baseline.json", baseline, measured, nil, report.CostMetrics())
			var html, object, junit bytes.Buffer
			if err := errors.Join(page.HTML(&html, d, nil), json.Judgment(&object, d.Judgment), ci.JUnit(&junit, d.Judgment, d.Advice)); err != nil {
				t.Fatal(err)
			}
			rendered := map[string]string{
				"text":        findings.Text(d.Judgment, d.Advice, term.Style{}, true),
				"markdown":    markdown.Comment(d),
				"measured":    markdown.Comment(view.NewMeasuredDocument(measured, nil)),
				"page":        html.String(),
				"json":        object.String(),
				"junit":       junit.String(),
				"overview":    text.WholeOverview(view.NewOverview(measured, nil), term.Style{}),
				"comparison":  text.Comparison(d.Comparison, term.Style{}),
				"bench":       ci.Benchmarks(measured),
				"openmetrics": ci.OpenMetrics(measured),
			}
			for name, got := range rendered {
				for _, wrong := range []string{"→ 0", `"to":0`, `"head":"0"`, "outcome=error", "error: 0"} {
					if strings.Contains(got, wrong) {
						t.Errorf("%s has %q:\n%s", name, wrong, got)
					}
				}
			}
			for name, want := range map[string]string{
				"markdown": "| 7 → – | 3 → – |", "page": "7 → –", "comparison": "7 → –", "overview": "error: -", "measured": "| – | – |",
				"bench": "# not measured: agents n=2: Run returned an error: boom", "json": `{"name":"sql","base":"7","head":""}`,
			} {
				if !strings.Contains(rendered[name], want) {
					t.Errorf("%s lacks %q:\n%s", name, want, rendered[name])
				}
			}
			for line := range strings.Lines(rendered["openmetrics"]) {
				failed := strings.HasPrefix(line, "fanout_failed{")
				if of := strings.Contains(line, `n="2"`) || strings.Contains(line, `scenario="login"`); of != failed {
					t.Errorf("of failed requests there is %s", line)
				}
			}
		})
	}
}

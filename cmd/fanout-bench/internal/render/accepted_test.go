package render_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/page"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestAcceptedReasons has costs that were accepted with a reason: of rows, some of which are no
// longer measured, of a budget that allows something, of one that does not, and of a limit in a
// test. The comment and the page say the first and the third, once each.
func TestAcceptedReasons(t *testing.T) {
	most := func(n int) *int { return &n }
	baseline, measured := reporttest.Rows(), reporttest.Rows()
	for n := 1; n <= 4; n++ {
		old := reporttest.Cell("v1", "agents", n, "ok", 9, 1)
		old.Reason = "until the join | lands"
		baseline.Rows = append(baseline.Rows, old, reporttest.Cell("v1", "unnamed", n, "ok", 9, 1), reporttest.Cell("v1", "limited", n, "ok", 9, 1))
		measured.Rows = append(measured.Rows, reporttest.Cell("v1", "agents", n, "ok", 9, 1), reporttest.Cell("v1", "unnamed", n, "ok", 10, 1), reporttest.Cell("v1", "limited", n, "ok", 10, 1))
	}
	gone := reporttest.Cell("v1", "login", 0, "ok", 9, 1)
	gone.Reason = "an old reason"
	baseline.Rows = append(baseline.Rows, gone)
	limited := report.Scenario{Name: "limited", Version: "v1"}
	baseline.Budgets = []report.Budget{
		{Scenario: "agents", Metric: tracer.SQL, Max: most(20), Reason: "a limit that nothing reaches"},
		{Scenario: "unnamed", Metric: tracer.SQL, Max: most(20), Reason: "the new index"},
		{Scenario: "unnamed", Metric: tracer.RoundTrips, Max: most(20), Reason: "the new index"},
		{Scenario: "unnamed", Metric: tracer.Acquires, Max: most(20), Reason: "the new index"},
	}
	for _, m := range []tracer.Metric{tracer.SQL, tracer.RoundTrips, tracer.Acquires} {
		baseline.Budgets = append(baseline.Budgets, testbaseline.Limit(limited, m, most(20), nil, ""))
	}
	d := view.NewDocument(view.Measured(), "baseline.json", baseline, measured, nil, report.CostMetrics())
	comment := markdown.Comment(d)
	checkMarkdown(t, "accepted", comment)
	var b bytes.Buffer
	if err := page.HTML(&b, d, nil); err != nil {
		t.Fatal(err)
	}
	checkPage(t, "accepted", b.String())
	for what, want := range map[string][]string{
		comment:    {"The cost of `agents` was accepted: until the join &#124; lands\n", "The cost of `unnamed` was accepted: the new index\n"},
		b.String(): {"<li><code>agents</code>: until the join | lands</li>", "<li><code>unnamed</code>: the new index</li>"},
	} {
		for _, line := range want {
			if strings.Count(what, line) != 1 {
				t.Errorf("%q is there %d times:\n%.3000s", line, strings.Count(what, line), what)
			}
		}
		for _, not := range []string{"an old reason", "nothing reaches", "was accepted: stated in the test", "</code>: stated in the test"} {
			if strings.Contains(what, not) {
				t.Errorf("%q is there:\n%.3000s", not, what)
			}
		}
	}
}

// TestAcceptedReasonsAreFew has more reasons than a comment shows.
func TestAcceptedReasonsAreFew(t *testing.T) {
	rows := reporttest.Rows()
	for i := range 5 {
		for _, scenario := range []string{"a", "b", "c", "d"} {
			row := reporttest.Cell("v1", fmt.Sprintf("%s%d", scenario, i), 0, "ok", 1, 1)
			row.Reason = fmt.Sprintf("reason %d", i)
			rows.Rows = append(rows.Rows, row)
		}
	}
	comment := markdown.Comment(view.NewDocument(view.Measured(), "baseline.json", rows, rows, nil, report.CostMetrics()))
	for _, want := range []string{"The cost of `a0`, `b0`, `c0`, 1 more was accepted: reason 0\n", "The page has 2 more reasons why costs were accepted.\n"} {
		if !strings.Contains(comment, want) {
			t.Errorf("no %q in\n%s", want, comment)
		}
	}
}

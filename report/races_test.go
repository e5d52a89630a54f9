package report_test

import (
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestRacesHaveNoLaw has racing counts on a line, with limits.
func TestRacesHaveNoLaw(t *testing.T) {
	level, most := 0, 4
	for _, c := range []struct {
		counts []int
		limit  report.Budget
		fails  bool
	}{
		{[]int{2, 3, 4, 5}, report.Budget{Max: &most}, true},
		{[]int{1, 2, 3, 4}, report.Budget{Max: &most}, false},
		{[]int{1, 2, 3, 4}, report.Budget{PerN: &level}, true},
		{[]int{1, 2, 2, 2}, report.Budget{PerN: &level}, false}, // it levels
		{[]int{3, 3, 2, 1}, report.Budget{PerN: &level}, false},
	} {
		var f report.File
		for i, count := range c.counts {
			row := reporttest.Cell("v1", "agents", i+1, "ok", count, 0)
			row.Races = true
			f.Rows = append(f.Rows, row)
		}
		c.limit.Scenario, c.limit.Version, c.limit.Metric, c.limit.Reason = "agents", "v1", tracer.SQL, "stated in the test"
		f.Budgets = []report.Budget{c.limit}
		if g := report.Summarize(f)[0].Metrics[tracer.SQL]; g.Law.Shape != report.Unknown {
			t.Errorf("%v: law %v", c.counts, g)
		}
		if j := report.Judge(testbaseline.OfLimits(f), f, report.CostMetrics()); len(j.Failing()) > 0 != c.fails {
			t.Errorf("%v: fails: %v", c.counts, !c.fails)
		}
	}
}

// TestUnmeasuredIsNotMissing has a scenario that could not be measured in one of two versions.
func TestUnmeasuredIsNotMissing(t *testing.T) {
	baseline := reporttest.Rows(reporttest.Login("v1", "200", 4, 1), reporttest.Login("v2", "200", 4, 1))
	measured := report.File{Subject: report.Subject{Whole: true, Scenarios: []report.Scenario{{Name: "login", Version: "v1", Unmeasured: "disk full"}}}}
	j := report.Judge(baseline, measured, report.CostMetrics())
	if len(j.Findings) != 1 || j.Findings[0].Version != "v2" || !j.Findings[0].Gone || len(baseline.Rows) != 2 {
		t.Errorf("got %+v", j.Findings)
	}
}

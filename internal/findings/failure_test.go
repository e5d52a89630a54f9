package findings_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestFailure checks that an undeclared outcome fails the gate, whatever the baseline says.
func TestFailure(t *testing.T) {
	row := func(n int, outcome string) scenarios.Result {
		return reporttest.Ran("v1", "agents", n, outcome, reporttest.Each(tracer.KindQuery, "Get", 1))
	}
	fresh := func(outcome string) report.File {
		f := report.NewFile(reporttest.Subject, []scenarios.Result{row(1, "200"), row(2, outcome)})
		f.Rows[1].Failure = "not the declared outcome"
		return f
	}
	for name, c := range map[string]struct {
		base    []scenarios.Result
		outcome string
	}{
		"otherwise in the baseline": {[]scenarios.Result{row(1, "200"), row(2, "200")}, "500"},
		"alike in the baseline":     {[]scenarios.Result{row(1, "200"), row(2, "500")}, "500"},
		"not in the baseline":       {[]scenarios.Result{row(1, "200")}, "500"},
	} {
		t.Run(name, func(t *testing.T) {
			measured := fresh(c.outcome)
			var b bytes.Buffer
			if err := measured.Write(&b); err != nil {
				t.Fatal(err)
			}
			read, err := report.Read(&b)
			if err != nil {
				t.Fatal(err)
			}
			j := findings.Judge(report.NewFile(reporttest.Subject, c.base), read, report.CostMetrics())
			failing := j.Failing()
			if len(failing) != 1 || len(failing[0].N) != 1 || failing[0].N[0] != 2 || j.Verdict() != "regression" ||
				failing[0].Headline() != "has outcome 500, so its costs cannot be compared: not the declared outcome" ||
				!strings.Contains(j.Sentence(), "1 measurement does not have the declared outcome") || strings.Contains(j.Sentence(), "different outcome") {
				t.Errorf("got %+v, %s", failing, j.Sentence())
			}
		})
	}
}

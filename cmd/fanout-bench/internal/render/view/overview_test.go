package view_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestOverviewVerdicts compares v2 with the reference where both were measured, at the
// same N or not.
func TestOverviewVerdicts(t *testing.T) {
	of := func(version, outcome string, pairs ...int) []report.Row {
		var list []report.Row
		for _, p := range reporttest.Points(pairs...) {
			list = append(list, reporttest.Cell(version, "agents", p.N, outcome, p.Count, 1))
		}
		return list
	}
	for _, test := range []struct {
		name      string
		reference []report.Row
		head      []report.Row
		want      string
	}{
		{"same", of("v1", "200", 1, 13, 2, 13), of("v2", "200", 1, 13, 2, 13), "same"},
		{"steeper", of("v1", "200", 1, 13, 2, 13, 3, 13), of("v2", "200", 1, 9, 2, 10, 3, 11), "worse"},
		{"rises less where there is no law of both", of("v1", "200", 1, 13, 2, 15), of("v2", "200", 1, 13, 2, 14, 3, 15), "better"},
		{"a line, and none known", of("v1", "200", 1, 13, 2, 14, 3, 15), of("v2", "200", 2, 13, 3, 15), "worse"},
		{"at one N that both have", of("v1", "200", 1, 13, 2, 19), of("v2", "200", 2, 18, 3, 99), "better"},
		{"at no N that both have", of("v1", "200", 1, 13), of("v2", "200", 2, 99), "same"},
		{"another outcome", of("v1", "200", 1, 13), of("v2", "409", 1, 13), "not compared"},
		{"without the reference", nil, of("v2", "200", 1, 13), "not compared"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := view.NewOverview(reporttest.Rows(append(test.reference, test.head...)...), nil)
			versions := o.Growth[0].Versions
			verdict, compared := versions[len(versions)-1].Verdicts[tracer.SQL]
			if !compared {
				verdict = report.NotCompared
			}
			if string(verdict) != test.want {
				t.Errorf("got %s, want %s", verdict, test.want)
			}
			if len(versions) == 2 && versions[0].Verdicts != nil {
				t.Errorf("the reference is compared with itself: %v", versions[0].Verdicts)
			}
		})
	}
}

// TestOverviewLeads requires that of several outcomes the one at the largest N is shown.
func TestOverviewLeads(t *testing.T) {
	list := reporttest.Rows(
		reporttest.Cell("v1", "agents", 1, "200", 5, 1), reporttest.Cell("v1", "agents", 8, "409", 1, 1), reporttest.Cell("v1", "agents", 4, "500", 9, 1), reporttest.Cell("v1", "agents", 2, "200", 5, 1),
		reporttest.Cell("v2", "agents", 1, "409", 5, 1), reporttest.Cell("v2", "agents", 8, "200", 1, 1),
		reporttest.Cell("v2", "unnamed", 1, "200", 5, 1),
	)
	o := view.NewOverview(list, nil)
	var got []string
	for _, g := range o.Growth {
		for i, v := range g.Versions {
			outcome := "not measured"
			if v.Series != nil {
				outcome = v.Series.Outcome
			}
			got = append(got, fmt.Sprintf("%s %s %s", g.Scenario, o.Versions[i], outcome))
		}
	}
	want := "agents v1 409, agents v2 200, unnamed v1 not measured, unnamed v2 200"
	if joined := strings.Join(got, ", "); joined != want || fmt.Sprintf("%v %s", o.Headline.N, o.Headline.Outcome) != "[1 2] 200" {
		t.Errorf("got %s, at %v with %s; want %s", joined, o.Headline.N, o.Headline.Outcome, want)
	}
}

// TestHeadlineLeavesOut a version that was measured elsewhere only: it has no growth there.
func TestHeadlineLeavesOut(t *testing.T) {
	o := view.NewOverview(reporttest.Rows(reporttest.Cell("v1", "agents", 1, "200", 5, 1), reporttest.Cell("v2", "login", 0, "200", 5, 1)), nil)
	if len(o.Versions) != 2 || o.Headline.Versions[0].Series == nil || o.Headline.Versions[1].Series != nil {
		t.Errorf("versions %q, headline %+v", o.Versions, o.Headline)
	}
}

// TestHeadingCountsScenarios counts a name that two packages use twice, and one that two versions
// have once.
func TestHeadingCountsScenarios(t *testing.T) {
	list := reporttest.Rows(reporttest.Cell("example.com/a", "list", 1, "200", 5, 1), reporttest.Cell("example.com/b", "list", 1, "200", 5, 1))
	list.Versions = []string{"example.com/a", "example.com/b"}
	for want, scenarios := range map[string][]report.Scenario{
		"1 scenario":  {{Name: "list"}},
		"2 scenarios": {{Name: "list", Version: "example.com/a"}, {Name: "list", Version: "example.com/b"}},
	} {
		list.Scenarios = scenarios
		_, sentence := view.NewMeasuredDocument(list, nil).Heading()
		if !strings.HasPrefix(sentence, want+" of ") {
			t.Errorf("%q does not begin with %q", sentence, want)
		}
	}
}

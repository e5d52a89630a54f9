package proof_test

import (
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/proof"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// probing returns the rows of results with each probe that fits, as a runner measures them.
func probing(results []scenarios.Result) map[probe.Probe]report.File {
	probed := make(map[probe.Probe]report.File)
	for _, p := range probe.All() {
		var grown []scenarios.Result
		for _, result := range results {
			kind, count := tracer.KindQuery, 1
			if p.Check {
				kind = tracer.KindCheck
			}
			if p.PerN {
				count = result.N
			}
			if !p.Check && result.Recording.Counts().SQL == 0 {
				continue
			}
			result.Recording.Events = slices.Concat(result.Recording.Events, reporttest.Each(kind, probe.Name, count))
			grown = append(grown, result)
		}
		probed[p] = report.NewFile(report.Subject{Name: "test"}, grown)
	}
	return probed
}

func TestProve(t *testing.T) {
	const (
		statement = "one more statement"
		perN      = "one more statement for each N"
		check     = "one more check"
	)
	agents := reporttest.Sweep("agents", func(n int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", 12+7*n) })
	login := []scenarios.Result{reporttest.Ran("v1", "login", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 4))}
	checksOnly := []scenarios.Result{reporttest.Ran("v1", "login", 0, "200", reporttest.Each(tracer.KindCheck, "read", 4))}
	allow := func(scenario string, metric tracer.Metric) report.Budget {
		most, steepest := 1000, 100
		return report.Budget{Scenario: scenario, Metric: metric, Max: &most, PerN: &steepest, Reason: "test"}
	}
	// unchanged replaces the results of p by those without a probe.
	unchanged := func(p probe.Probe, results []scenarios.Result) func(map[probe.Probe]report.File) {
		return func(probed map[probe.Probe]report.File) {
			probed[p] = report.NewFile(report.Subject{Name: "test"}, results)
		}
	}
	subject := reporttest.Subject
	subject.Scenarios = append(slices.Clone(subject.Scenarios), report.Scenario{Name: "refused", Idle: true})
	for _, test := range []struct {
		name    string
		results []scenarios.Result
		change  func(map[probe.Probe]report.File)
		budgets []report.Budget
		base    []scenarios.Result // nil: results
		metrics []tracer.Metric
		blind   string
		summary string
	}{
		{name: "all are seen", results: slices.Concat(agents, login),
			summary: "Proved: the gate notices " + statement + " in 2 series, " + perN + " in v1 agents, " + check + " in 2 series.\n"},
		{name: "only what is judged", results: agents, metrics: []tracer.Metric{tracer.RBAC},
			summary: "Proved: the gate notices " + check + " in v1 agents.\n"},
		{name: "a statement is not counted", results: login, change: unchanged(probe.Probe{}, login),
			blind: "the gate does not notice " + statement + " in v1 login"},
		{name: "a check is not counted", results: login, change: unchanged(probe.Probe{Check: true}, login),
			blind: "the gate does not notice " + check + " in v1 login"},
		{name: "one instead of one for each N", results: agents, change: func(probed map[probe.Probe]report.File) {
			probed[probe.Probe{PerN: true}] = probed[probe.Probe{}]
		}, blind: "the gate does not notice " + perN + " in v1 agents"},
		{name: "it was not measured", results: agents, change: unchanged(probe.Probe{}, nil),
			blind: "the gate does not notice " + statement + " in v1 agents"},
		{name: "budgets have room for it", results: agents, budgets: []report.Budget{allow("agents", tracer.SQL)}, metrics: []tracer.Metric{tracer.SQL},
			blind: "the gate does not notice " + statement + " anywhere: budgets allow it"},
		{name: "a budget of one scenario has room for it", results: slices.Concat(agents, login), budgets: []report.Budget{allow("agents", tracer.RBAC)},
			summary: "Proved: the gate notices " + statement + " in 2 series, " + perN + " in v1 agents, " + check + " in v1 login.\n" +
				"A budget allows " + check + " in v1 agents.\n"},
		{name: "the baseline has room for one and not for each", results: agents, metrics: []tracer.Metric{tracer.SQL},
			base: reporttest.Sweep("agents", func(n int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", 13+7*n) }),
			summary: "Proved: the gate notices " + statement + " in v1 agents, " + perN + " in v1 agents.\n" +
				"v1 agents costs less than the baseline, which has room for " + statement + "; accept the new counts.\n"},
		{name: "the baseline is about something else", results: login, base: agents, metrics: []tracer.Metric{tracer.SQL},
			summary: "Proved: the gate notices " + statement + " in v1 login.\n"},
		{name: "no statement to add to", results: checksOnly,
			summary: "Proved: the gate notices " + check + " in v1 login.\n"},
		{name: "nothing to add to", results: checksOnly, metrics: []tracer.Metric{tracer.SQL},
			blind: "--prove could add nothing: no scenario executes a constant number of statements, and checks are not judged"},
		{name: "hostile names", results: []scenarios.Result{reporttest.Ran("v1\x1b[31m", "a\nb", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 1))},
			summary: "Proved: the gate notices " + statement + " in v1<U+001B>[31m a b, " + check + " in v1<U+001B>[31m a b.\n"},
		{name: "an idle scenario", results: []scenarios.Result{reporttest.Ran("v1", "refused", 0, "200")},
			summary: "Proved: the gate notices " + check + " in v1 refused.\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			probed := probing(test.results)
			if test.change != nil {
				test.change(probed)
			}
			metrics := test.metrics
			if metrics == nil {
				metrics = report.CostMetrics()
			}
			base := test.base
			if base == nil {
				base = test.results
			}
			baseline := report.NewFile(report.Subject{Name: "test"}, base)
			baseline.Budgets = test.budgets
			proof := proof.Prove(baseline, report.NewFile(subject, test.results), probed, metrics)
			if proof.Failure != test.blind {
				t.Errorf("Blind\n got %q\nwant %q", proof.Failure, test.blind)
			}
			if got := proof.Summary(); got != test.summary {
				t.Errorf("Summary()\n got %q\nwant %q", got, test.summary)
			}
		})
	}
}

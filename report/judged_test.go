package report_test

import (
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// judge judges results by the results that the baseline was made of.
func judge(base, head []scenarios.Result, metrics ...tracer.Metric) report.Judgment {
	if len(metrics) == 0 {
		metrics = report.CostMetrics()
	}
	return judgeAll(fakePath, report.NewRows("test", base), head, metrics)
}

// judgeAll judges results by a baseline, with all that their stacks tell.
func judgeAll(path *scenarios.Path, baseline report.Rows, results []scenarios.Result, metrics []tracer.Metric) report.Judgment {
	measured := report.NewRows(path.Name, results)
	measured.Trees = report.NewTrees(results)
	return report.Judge(path, baseline, measured, metrics)
}

// judgeRows judges cells that did what head says.
func judgeRows(baseline, head report.Rows, metrics ...tracer.Metric) report.Judgment {
	var results []scenarios.Result
	for _, row := range head.Rows {
		var work [][]tracer.Event
		for name, count := range row.Statements {
			work = append(work, each(tracer.Query, name, count))
		}
		for name, count := range row.Checks {
			work = append(work, each(tracer.Check, name, count))
		}
		results = append(results, ran(row.Version, row.Scenario, row.N, row.Outcome, work...))
	}
	return judgeAll(fakePath, baseline, results, metrics)
}

// budget makes a budget for the statements of agents; a limit below zero is none.
func budget(version string, most, perN int) report.Budget {
	b := report.Budget{Scenario: "agents", Version: version, Metric: tracer.SQL, Reason: "a test"}
	if most >= 0 {
		b.Max = &most
	}
	if perN >= 0 {
		b.PerN = &perN
	}
	return b
}

// budgeted is of one more statement for each agent, under a budget.
func budgeted(most, perN int) report.Judgment {
	baseline := report.NewRows("test", sweep("agents", func(int) []tracer.Event { return each(tracer.Query, "GetOrder", 20) }))
	baseline.Budgets = []report.Budget{budget("", most, perN)}
	return judgeAll(fakePath, baseline, sweep("agents", func(n int) []tracer.Event { return each(tracer.Query, "GetOrder", 20+n, serve, list) }),
		[]tracer.Metric{tracer.SQL, tracer.RBAC})
}

const hostile = "v3|\x1b[31m\u202e`x`\n::error::@all " // a name from the program under test

var fakePath = &scenarios.Path{
	Name: "test", Reference: "v1",
	Versions: []scenarios.Version{
		{Name: "v1", Source: "https://example.com/v1", Summary: "the first"},
		{Name: "v2", Summary: "a second query for each agent"},
		{Name: hostile, Summary: "named by somebody else"},
	},
	Scenarios: []scenarios.Scenario{
		{Name: "agents", Unit: "agent", Sweep: scenarios.SweepFrom(1)},
		{Name: "unnamed", Unit: "agent", Sweep: scenarios.SweepFrom(1)},
		{Name: "login"},
		{Name: "never measured", Unit: "agent", Sweep: scenarios.SweepFrom(1)},
	},
	Workloads: []scenarios.Workload{
		{Name: "crowd", Unit: "agent", Means: "agents of each machine", Least: 1},
		{Name: hostile, Unit: hostile},
	},
}

// incident is two versions, of which the second reads every agent's job twice.
func incident() []scenarios.Result {
	frame := func(function string, line int) tracer.Frame {
		return tracer.Frame{Function: "shop/auth." + function, File: "auth/agent.go", Line: line}
	}
	var results []scenarios.Result
	for _, n := range []int{1, 2, 3, 4, 8, 16} {
		results = append(results,
			ran("v1", "agents", n, "200", each(tracer.Query, "GetAgent", 1, frame("Serve", 10)),
				each(tracer.Query, "GetJob", 2, frame("Serve", 12), frame("job", 30)), each(tracer.Check, "read job", 1, frame("Serve", 12), frame("job", 31))),
			ran("v2", "agents", n, "200", each(tracer.Query, "ListAgents", 1, frame("Serve", 10)),
				each(tracer.Query, "GetJob", n, frame("Serve", 14), frame("job", 30)), again(tracer.Query, "GetJob", n, frame("Serve", 18), frame("job", 30)),
				each(tracer.Check, "read job", n, frame("Serve", 14), frame("job", 31))))
	}
	return append(results,
		ran("v1", "unknown", 0, "404", each(tracer.Query, "GetAgent", 1, frame("Serve", 10))),
		ran("v2", "unknown", 0, "404", each(tracer.Query, "GetAgent", 1, frame("Serve", 10))))
}

func saved() report.Rows {
	results := incident()
	rows := report.NewRows("auth", results)
	rows.Trees = report.NewTrees(results)
	return rows
}

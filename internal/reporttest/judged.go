package reporttest

import (
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Judge judges head by a baseline made of base.
func Judge(base, head []scenarios.Result, metrics ...tracer.Metric) findings.Judgment {
	if len(metrics) == 0 {
		metrics = report.CostMetrics()
	}
	return JudgeAll(Subject, report.NewFile(Subject, base), head, metrics)
}

// JudgeAll judges results by a baseline, with the call sites of their stacks.
func JudgeAll(subject report.Subject, baseline report.File, results []scenarios.Result, metrics []tracer.Metric) findings.Judgment {
	return findings.Judge(baseline, withTrees(subject, results), metrics)
}

func withTrees(subject report.Subject, results []scenarios.Result) report.File {
	file := report.NewFile(subject, results)
	file.Trees = calltree.Trees(results)
	return file
}

// JudgeRows judges the rows of head.
func JudgeRows(baseline, head report.File, metrics ...tracer.Metric) findings.Judgment {
	var results []scenarios.Result
	for _, row := range head.Rows {
		var work [][]tracer.Event
		for name, count := range row.Statements {
			work = append(work, Each(tracer.KindQuery, name, count))
		}
		for name, count := range row.Checks {
			work = append(work, Each(tracer.KindCheck, name, count))
		}
		results = append(results, Ran(row.Version, row.Scenario, row.N, row.Outcome, work...))
	}
	return JudgeAll(Subject, baseline, results, metrics)
}

// Budget makes a budget for the statements of agents; a negative limit is none.
func Budget(version string, most, perN int) report.Budget {
	b := report.Budget{Scenario: "agents", Version: version, Metric: tracer.SQL, Reason: "a test"}
	if most >= 0 {
		b.Max = &most
	}
	if perN >= 0 {
		b.PerN = &perN
	}
	return b
}

// Budgeted judges one more statement for each agent, with a budget.
func Budgeted(most, perN int) findings.Judgment {
	baseline := report.NewFile(Subject, Sweep("agents", func(int) []tracer.Event { return Each(tracer.KindQuery, "GetOrder", 20) }))
	baseline.Budgets = []report.Budget{Budget("", most, perN)}
	return JudgeAll(Subject, baseline, Sweep("agents", func(n int) []tracer.Event { return Each(tracer.KindQuery, "GetOrder", 20+n, Serve, List) }),
		[]tracer.Metric{tracer.SQL, tracer.RBAC})
}

// Hostile is a name from the program under test.
const Hostile = "v3|\x1b[31m\u202e`x`\n::error::@all "

// Subject is the subject of the tests.
var Subject = report.Subject{
	Name: "test", Reference: "v1", Versions: []string{"v1", "v2", Hostile},
	Scenarios: []report.Scenario{{Name: "agents", Unit: "agent"}, {Name: "unnamed", Unit: "agent"}, {Name: "login"}, {Name: "never measured", Unit: "agent"}},
	Whole:     true,
}

// Incident has two versions, of which the second reads every agent's job twice.
func Incident() []scenarios.Result {
	frame := func(function string, line int) tracer.Frame {
		return tracer.Frame{Function: "shop/auth." + function, File: "auth/agent.go", Line: line}
	}
	var results []scenarios.Result
	for _, n := range []int{1, 2, 3, 4, 8, 16} {
		results = append(results,
			Ran("v1", "agents", n, "200", Each(tracer.KindQuery, "GetAgent", 1, frame("Serve", 10)),
				Each(tracer.KindQuery, "GetJob", 2, frame("Serve", 12), frame("job", 30)), Each(tracer.KindCheck, "read job", 1, frame("Serve", 12), frame("job", 31))),
			Ran("v2", "agents", n, "200", Each(tracer.KindQuery, "ListAgents", 1, frame("Serve", 10)),
				Each(tracer.KindQuery, "GetJob", n, frame("Serve", 14), frame("job", 30)), Again(tracer.KindQuery, "GetJob", n, frame("Serve", 18), frame("job", 30)),
				Each(tracer.KindCheck, "read job", n, frame("Serve", 14), frame("job", 31))))
	}
	return append(results,
		Ran("v1", "unknown", 0, "404", Each(tracer.KindQuery, "GetAgent", 1, frame("Serve", 10))),
		Ran("v2", "unknown", 0, "404", Each(tracer.KindQuery, "GetAgent", 1, frame("Serve", 10))))
}

// IncidentSubject is the subject of the incident.
var IncidentSubject = report.Subject{
	Name: "auth", Reference: "v1", Versions: []string{"v1", "v2"}, Whole: true,
	Scenarios: []report.Scenario{{Name: "agents", Unit: "agent"}, {Name: "unknown"}},
}

// Saved returns the rows of the incident with their trees.
func Saved() report.File { return withTrees(IncidentSubject, Incident()) }

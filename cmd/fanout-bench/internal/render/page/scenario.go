package page

import (
	"fmt"
	"maps"
	"slices"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

type pageScenario struct {
	Name, Counting string
	Versions       []string
	Statements     []pageStatement
	Charts         []chart
	Trees          []pageTree
}

type pageStatement struct {
	Kind, Name string
	Laws       []string // of each version
}

func newScenario(d view.Document, growth view.ScenarioGrowth, trees pageTrees) pageScenario {
	s := pageScenario{Name: term.Printable(growth.Scenario, 0), Counting: term.Printable(growth.Counting, 0), Charts: growthCharts(d, growth)}
	list := d.SeriesOf(growth.Scenario)
	for _, series := range list {
		s.Versions = append(s.Versions, d.NameOf(series))
	}
	s.Statements = slices.Concat(
		pageStatements("statement", list, func(s report.Series) map[string]report.Growth { return s.Statements }),
		pageStatements("check", list, func(s report.Series) map[string]report.Growth { return s.Checks }))
	for _, series := range list {
		tree, ok := newTree(d, series)
		if !ok {
			continue
		}
		tree.ID = fmt.Sprintf("tree-%d", len(trees.ids)+1)
		trees.ids[treeKey{series.Scenario, series.Version, series.Outcome}] = tree.ID
		// Scenarios that differ in their data only have the same trees.
		shows := fmt.Sprint(tree.Base != "", tree.Roots)
		if same, known := trees.seen[shows]; known {
			tree.Same, tree.Roots = &same, nil
		} else {
			trees.seen[shows] = tree
		}
		s.Trees = append(s.Trees, tree)
	}
	return s
}

// pageStatements returns how each of a kind grows in each of the series.
func pageStatements(kind string, list []report.Series, of func(report.Series) map[string]report.Growth) []pageStatement {
	names := map[string]bool{}
	for _, series := range list {
		for name := range of(series) {
			names[name] = true
		}
	}
	var statements []pageStatement
	for _, name := range slices.Sorted(maps.Keys(names)) {
		row := pageStatement{Kind: kind, Name: term.Printable(name, term.LongWidth)}
		for _, series := range list {
			row.Laws = append(row.Laws, view.Exact(of(series)[name]))
		}
		statements = append(statements, row)
	}
	return statements
}

// growthCharts returns how counts grow with N in a scenario: one chart for each of
// the metrics shown, and one of what could be avoided.
func growthCharts(d view.Document, scenario view.ScenarioGrowth) []chart {
	lines := d.SeriesOf(scenario.Scenario)
	if !slices.ContainsFunc(lines, func(s report.Series) bool { return len(s.Metrics[tracer.SQL].Points) > 1 }) {
		return nil
	}
	before := map[string]report.Series{}
	if d.Reference == "" {
		for _, s := range report.Summarize(d.Baseline) {
			if s.Scenario == scenario.Scenario {
				before[s.Version+" "+s.Outcome] = s
			}
		}
	}
	charts := []chart{}
	add := func(what string, of func(report.Series) report.Growth) {
		c := chart{Title: term.Printable(fmt.Sprintf("%s, %s over N", scenario.Scenario, what), 0), X: "N"}
		for _, s := range lines {
			line := chartLine{
				Name: d.NameOf(s), Color: slices.Index(d.Overview.Versions, s.Version),
				Dashed: d.Reference != "" && s.Version == d.Against, Values: of(s).Points,
			}
			if base, ok := before[s.Version+" "+s.Outcome]; ok && !slices.Equal(of(base).Points, line.Values) {
				c.Lines = append(c.Lines, chartLine{Name: "baseline of " + line.Name, Color: line.Color, Dashed: true, Values: of(base).Points})
			}
			c.Lines = append(c.Lines, line)
		}
		c.layOut(func(n int) string { return fmt.Sprint(n) })
		charts = append(charts, c)
	}
	for _, m := range view.Shown {
		add(findings.Title(m), func(s report.Series) report.Growth { return s.Metrics[m] })
	}
	add("avoidable SQL", view.AvoidableIn)
	return charts
}

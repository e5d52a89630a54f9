package page

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

type pageScenario struct {
	ID, Name, Counting string
	Versions           []string
	Statements         []pageStatement
	Charts             []chart
	Trees              []pageTree
}

type pageStatement struct {
	Kind, Name string
	Laws       []string // of each version
}

func (x *contents) scenario(growth view.ScenarioGrowth) pageScenario {
	s := pageScenario{Name: term.Printable(growth.Scenario, 0), Counting: term.Printable(growth.Counting, 0), Charts: x.charts(growth)}
	list := x.measured[growth.Scenario]
	if x.same(growth.Scenario) && growth.Scenario != x.Overview.Growth[0].Scenario {
		s.Charts = nil
	}
	for _, series := range list {
		if x.Reference != "" && !x.tells(series) {
			continue
		}
		if tree, ok := x.tree(series); ok {
			s.Trees = append(s.Trees, tree)
		}
	}
	if x.same(growth.Scenario) && len(s.Trees) == len(list) {
		return s // the trees have each statement
	}
	if x.Overview.Packages && len(list) > 1 { // they have little in common
		s.Versions = []string{"package", "growth"}
		for _, series := range list {
			for _, row := range pageStatements(series) {
				row.Laws = []string{x.NameOf(series), row.Laws[0]}
				s.Statements = append(s.Statements, row)
			}
		}
	} else {
		for _, series := range list {
			s.Versions = append(s.Versions, x.NameOf(series))
		}
		s.Statements = pageStatements(list...)
	}
	return s
}

// tells reports whether the call tree of a version says anything that the one in the first
// scenario does not: its requests cost more than those of the reference, by other figures.
func (x *contents) tells(s report.Series) bool {
	first := x.Overview.Growth[0].Scenario
	return s.Scenario == first || slices.ContainsFunc(x.Series, func(d report.SeriesDiff) bool {
		return d.Scenario == s.Scenario && d.Version == s.Version && d.HeadOutcome == s.Outcome && d.Verdict == report.Worse
	}) && !slices.ContainsFunc(x.measured[first], func(o report.Series) bool {
		return o.Version == s.Version && o.Metrics[tracer.SQL].String() == s.Metrics[tracer.SQL].String()
	})
}

// pageStatements returns how each statement and check grows in each of the series.
func pageStatements(list ...report.Series) []pageStatement {
	statements := func(s report.Series) map[string]report.Growth { return s.Statements }
	checks := func(s report.Series) map[string]report.Growth { return s.Checks }
	return append(ofKind("statement", list, statements), ofKind("check", list, checks)...)
}

func ofKind(kind string, list []report.Series, of func(report.Series) map[string]report.Growth) []pageStatement {
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

// axis names what N counts.
func axis(counting string) string {
	if counting == "" {
		return "N"
	}
	return "N: " + term.Printable(counting, 2*labelWidth)
}

// charts returns how counts grow with N in a scenario: one chart for each of the metrics
// shown, and one of what repeats, if there is any.
func (x *contents) charts(scenario view.ScenarioGrowth) []chart {
	lines := x.measured[scenario.Scenario]
	if !slices.ContainsFunc(lines, func(s report.Series) bool { return len(s.Metrics[tracer.SQL].Points) > 1 }) {
		return nil
	}
	before := map[string]report.Series{}
	if x.Judges() {
		for _, s := range x.before[scenario.Scenario] {
			before[s.Version+" "+s.Outcome] = s
		}
	}
	var charts []chart
	add := func(what, unit string, of func(report.Series) report.Growth) {
		c := chart{Title: term.Printable(fmt.Sprintf("%s, %s over N", scenario.Scenario, what), 0), X: axis(scenario.Counting), Y: unit, Dashed: "baseline"}
		if x.Reference != "" {
			c.Dashed = term.Printable(x.Against, labelWidth)
		}
		for _, s := range lines {
			line := chartLine{
				Name: x.NameOf(s), Color: max(slices.Index(x.Overview.Versions, s.Version), 0),
				Dashed: x.Reference != "" && s.Version == x.Against, Values: of(s).Points,
			}
			if base, ok := before[s.Version+" "+s.Outcome]; ok && !slices.Equal(of(base).Points, line.Values) {
				c.add(chartLine{Name: "baseline of " + line.Name, Color: line.Color, Dashed: true, Values: of(base).Points})
			}
			c.add(line)
		}
		if c.rises() {
			c.layOut(strconv.Itoa)
			charts = append(charts, c)
		}
	}
	for _, m := range view.Shown {
		if x.Reference != "" && m != tracer.SQL && scenario.Scenario != x.Overview.Growth[0].Scenario {
			return charts // the overview tells how checks grow
		}
		add(findings.Title(m), findings.Title(m), func(s report.Series) report.Growth { return s.Metrics[m] })
	}
	add("repeated SQL", "SQL", view.RepeatedIn)
	return charts
}

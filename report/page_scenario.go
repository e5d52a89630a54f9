package report

import (
	"fmt"
	"maps"
	"slices"
)

type pageScenario struct {
	Name, Means string
	Versions    []string
	Statements  []pageStatement
	Charts      []chart
	Trees       []pageTree
}

type pageStatement struct {
	Kind, Name string
	Laws       []string // of each version
}

func (d Document) pageScenario(growth ScenarioGrowth, trees pageTrees) pageScenario {
	s := pageScenario{Name: Printable(growth.Scenario, 0), Means: Printable(growth.Means, 0), Charts: d.growthCharts(growth)}
	list := d.seriesOf(growth.Scenario)
	for _, series := range list {
		s.Versions = append(s.Versions, d.nameOf(series))
	}
	s.Statements = pageStatements(list)
	for _, series := range list {
		tree, ok := d.pageTree(series)
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

func pageStatements(list []Series) []pageStatement {
	var statements []pageStatement
	for _, kind := range []struct {
		name string
		of   func(Series) map[string]Growth
	}{
		{"statement", func(s Series) map[string]Growth { return s.Statements }},
		{"check", func(s Series) map[string]Growth { return s.Checks }},
	} {
		names := map[string]bool{}
		for _, series := range list {
			for name := range kind.of(series) {
				names[name] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			row := pageStatement{Kind: kind.name, Name: Printable(name, codeWidth)}
			for _, series := range list {
				text := ""
				if g := kind.of(series)[name]; g.happens() {
					text = g.exact()
				}
				row.Laws = append(row.Laws, text)
			}
			statements = append(statements, row)
		}
	}
	return statements
}

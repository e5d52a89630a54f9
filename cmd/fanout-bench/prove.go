package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A seriesName is what the gate judges as one.
type seriesName struct{ version, scenario string }

func (n seriesName) String() string { return report.Printable(n.version+" "+n.scenario, 0) }

// proven returns an error unless the gate, which judges costs, fails for each plant in
// all that was measured, and says what was planted. planted has the rows of the runs
// with each.
func proven(stderr io.Writer, path *scenarios.Path, baseline, measured report.Rows, planted map[scenarios.Plant]report.Rows, costs []tracer.Metric) error {
	measured.Rows = slices.DeleteFunc(slices.Clone(measured.Rows), func(r report.Row) bool {
		return len(only(baseline, nameOf(r)).Rows) == 0
	})
	if len(measured.Rows) == 0 {
		return nil // and fails, as the baseline lacks what was measured
	}
	plants := slices.DeleteFunc(scenarios.Plants(), func(p scenarios.Plant) bool {
		return !slices.Contains(costs, p.Metric()) || !slices.ContainsFunc(measured.Rows, func(r report.Row) bool { return fits(p, r) })
	})
	if len(plants) == 0 {
		return blind("nothing to prove the gate with: what can be planted is a check, and a statement where there are others, and it judges %s", joined(costs))
	}
	seen, allowed := map[seriesName]bool{}, map[seriesName]bool{}
	for _, plant := range plants {
		sees := 0
		for _, name := range seriesOf(measured) {
			if !slices.ContainsFunc(only(measured, name).Rows, func(r report.Row) bool { return fits(plant, r) }) {
				continue
			}
			judgment := report.Judge(path, only(baseline, name), only(planted[plant], name), costs)
			switch {
			case noticed(judgment, plant):
				sees++
				seen[name] = true
			case budgeted(baseline, name, plant.Metric()):
				allowed[name] = true
			default:
				return blind("this gate cannot see %v in %v: with it, the verdict is %q", plant, name, judgment.Verdict())
			}
		}
		if sees == 0 {
			return blind("this gate cannot see %v anywhere: budgets allow it", plant)
		}
	}
	fmt.Fprintln(stderr, proof(plants, seen, allowed))
	return nil
}

// blind is the error of a gate that is not to be believed.
func blind(format string, args ...any) error {
	return withStatus(statusNotMeasured, fmt.Errorf(format, args...))
}

// fits reports whether there is anything in a cell to plant p beside. Where nothing is
// executed, no connection is known, and with N = 0 there is none for each.
func fits(p scenarios.Plant, r report.Row) bool {
	return (p.Check || r.SQL > 0) && (!p.PerN || r.N > 0)
}

// noticed reports whether j fails for a plant, by its name and by how it grows, as far
// as there are enough N to tell.
func noticed(j report.Judgment, plant scenarios.Plant) bool {
	law := report.Law{Shape: report.Constant, Fixed: 1}
	if plant.PerN {
		law = report.Law{Shape: report.Linear, PerN: 1}
	}
	return slices.ContainsFunc(j.Failing(), func(f report.Finding) bool {
		return slices.ContainsFunc(f.Causes, func(c report.Cause) bool {
			return c.Name == scenarios.PlantName && c.Check == plant.Check && (c.Head.Law == law || c.Head.Law.Shape == report.Unknown)
		})
	})
}

// budgeted reports whether there is a budget for what a plant adds to.
func budgeted(baseline report.Rows, name seriesName, metric tracer.Metric) bool {
	return slices.ContainsFunc(baseline.Budgets, func(b report.Budget) bool {
		return b.Scenario == name.scenario && (b.Version == "" || b.Version == name.version) && b.Metric == metric
	})
}

func proof(plants []scenarios.Plant, seen, allowed map[seriesName]bool) string {
	var words []string
	for _, plant := range plants {
		words = append(words, plant.String())
	}
	where := fmt.Sprintf("%d scenarios of versions", len(seen))
	if len(seen) == 1 {
		for name := range seen {
			where = name.String()
		}
	}
	text := fmt.Sprintf("Proved on %s that the gate sees %s.", where, strings.Join(words, ", "))
	if len(allowed) > 0 {
		text += fmt.Sprintf(" Budgets allow some of it in %d.", len(allowed))
	}
	return text
}

func nameOf(r report.Row) seriesName { return seriesName{r.Version, r.Scenario} }

func seriesOf(rows report.Rows) []seriesName {
	var names []seriesName
	for _, row := range rows.Rows {
		if name := nameOf(row); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func only(rows report.Rows, name seriesName) report.Rows {
	rows.Rows = slices.DeleteFunc(slices.Clone(rows.Rows), func(r report.Row) bool {
		return nameOf(r) != name
	})
	return rows
}

// plantedRows returns the rows of the runs with each plant.
func plantedRows(path string, results []scenarios.Result) map[scenarios.Plant]report.Rows {
	rows := make(map[scenarios.Plant]report.Rows)
	for _, plant := range scenarios.Plants() {
		rows[plant] = report.NewRows(path, plant.Results(results))
	}
	return rows
}

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

// provable reports whether any of the metrics is one that plants add to.
func provable(metrics []tracer.Metric) bool {
	return slices.ContainsFunc(scenarios.Plants(), func(p scenarios.Plant) bool { return slices.Contains(metrics, p.Metric()) })
}

// A seriesName is what the gate judges as one.
type seriesName struct{ version, scenario string }

func (n seriesName) String() string { return report.Printable(n.version+" "+n.scenario, 0) }

// A sight is where the gate notices a plant, and where budgets allow it.
type sight struct {
	plant         scenarios.Plant
	seen, allowed []seriesName
}

// proven says what was planted and noticed, or returns why the gate is not to be
// believed. planted has the rows of the runs with each plant. They are judged by what was
// measured, with the budgets of the baseline: where that is out of date because the code
// has become better, what is planted may only make up for it.
func proven(stderr io.Writer, path *scenarios.Path, budgets []report.Budget, measured report.Rows, planted map[scenarios.Plant]report.Rows, costs []tracer.Metric) (blind string) {
	names, measuredOf := bySeries(measured)
	var sights []sight
	for _, plant := range scenarios.Plants() {
		if !slices.Contains(costs, plant.Metric()) {
			continue
		}
		s := sight{plant: plant}
		_, plantedOf := bySeries(planted[plant])
		for _, name := range names {
			before := measuredOf[name]
			if !slices.ContainsFunc(before.Rows, func(r report.Row) bool { return fits(plant, r) }) {
				continue
			}
			before.Budgets = budgets
			judgment := report.Judge(path, before, plantedOf[name], costs)
			switch {
			case noticed(judgment, plant):
				s.seen = append(s.seen, name)
			case allows(judgment, plant):
				s.allowed = append(s.allowed, name)
			default:
				return fmt.Sprintf("this gate cannot see %v in %v", plant, name)
			}
		}
		if len(s.seen) == 0 && len(s.allowed) > 0 {
			return fmt.Sprintf("this gate cannot see %v anywhere: budgets allow it", plant)
		}
		sights = append(sights, s)
	}
	sights = slices.DeleteFunc(sights, func(s sight) bool { return len(s.seen) == 0 })
	if len(sights) == 0 {
		return "nothing could be planted to prove this gate with: no statement was executed, and it does not judge checks"
	}
	tell(stderr, sights)
	for _, name := range names {
		idle := slices.ContainsFunc(path.Scenarios, func(s scenarios.Scenario) bool { return s.Name == name.scenario && s.Idle })
		if !idle && slices.Contains(costs, tracer.SQL) && none(measuredOf[name]) {
			fmt.Fprintf(stderr, "No statement was seen in %v, and so none planted: if it executes any, another Recorder, or none, is on its pool.\n", name)
		}
	}
	return ""
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

// allows reports whether j does not fail for a plant because of a budget.
func allows(j report.Judgment, plant scenarios.Plant) bool {
	return slices.ContainsFunc(j.Series, func(d report.SeriesDiff) bool { return slices.Contains(d.Allowed, plant.Metric()) })
}

// tell says what the gate notices, and what its budgets allow.
func tell(w io.Writer, sights []sight) {
	var parts []string
	for _, s := range sights {
		where := fmt.Sprintf("%d series", len(s.seen))
		if len(s.seen) == 1 {
			where = s.seen[0].String()
		}
		parts = append(parts, fmt.Sprintf("%v in %s", s.plant, where))
	}
	fmt.Fprintf(w, "Proved that the gate sees %s.\n", strings.Join(parts, ", "))
	for _, s := range sights {
		for _, name := range s.allowed {
			fmt.Fprintf(w, "A budget allows %v in %v.\n", s.plant, name)
		}
	}
}

func none(rows report.Rows) bool {
	return !slices.ContainsFunc(rows.Rows, func(r report.Row) bool { return r.SQL > 0 })
}

// bySeries takes rows apart, and returns the names in their order.
func bySeries(rows report.Rows) (names []seriesName, of map[seriesName]report.Rows) {
	of = make(map[seriesName]report.Rows)
	for _, row := range rows.Rows {
		name := seriesName{row.Version, row.Scenario}
		series, known := of[name]
		if !known {
			names = append(names, name)
			series.Path = rows.Path
		}
		series.Rows = append(series.Rows, row)
		of[name] = series
	}
	return names, of
}

// plantedRows returns the rows of the runs with each plant.
func plantedRows(path string, results []scenarios.Result) map[scenarios.Plant]report.Rows {
	rows := make(map[scenarios.Plant]report.Rows)
	for _, plant := range scenarios.Plants() {
		rows[plant] = report.NewRows(path, plant.Results(results))
	}
	return rows
}

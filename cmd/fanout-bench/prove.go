package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// proven plants work in one scenario of the baseline, and returns an error unless the
// gate fails for each plant, and says what was planted.
func proven(ctx context.Context, stderr io.Writer, runner *scenarios.Runner, path *scenarios.Path, baseline report.Rows, costs []tracer.Metric) error {
	series, ok := provable(path, baseline)
	if !ok {
		return errors.New("nothing to prove the gate with: the baseline has no scenario with three values of N of what is selected")
	}
	var cells []scenarios.Cell
	for _, row := range series.Rows {
		cells = append(cells, row.Cell())
	}
	plants := slices.DeleteFunc(scenarios.Plants(), func(p scenarios.Plant) bool {
		return !slices.Contains(costs, p.Metric())
	})
	if len(plants) == 0 {
		return fmt.Errorf("nothing to prove the gate with: neither sql nor rbac is among what it judges, %s", joined(costs))
	}
	for _, plant := range plants {
		planted := *runner
		planted.Plant, planted.CrossCheck = &plant, false
		var results []scenarios.Result
		for result, err := range planted.Run(ctx, path, cells) {
			if err != nil {
				return fmt.Errorf("prove that %v is noticed: %w", plant, err)
			}
			results = append(results, result)
		}
		judgment := report.Judge(path, series, report.NewRows(path.Name, results), costs)
		if !sees(judgment, plant) {
			return fmt.Errorf("this gate cannot see %v in %s %s: with it, the verdict is %q; is there a budget that allows it?",
				plant, cells[0].Version, cells[0].Scenario, judgment.Verdict())
		}
	}
	var seen []string
	for _, plant := range plants {
		seen = append(seen, plant.String())
	}
	fmt.Fprintf(stderr, "Proved on %s %s that the gate sees %s.\n",
		report.Printable(cells[0].Version, 0), report.Printable(cells[0].Scenario, 0), strings.Join(seen, ", "))
	return nil
}

// provable returns a series of the baseline that has at least three N, without zero, at
// which one for each N would be none.
func provable(path *scenarios.Path, baseline report.Rows) (report.Rows, bool) {
	for _, s := range path.Scenarios {
		for _, v := range path.Versions {
			series := report.Rows{Path: baseline.Path, Budgets: baseline.Budgets}
			for _, row := range baseline.Rows {
				if row.Scenario == s.Name && row.Version == v.Name && s.Unit != "" && row.N > 0 && path.Has(row.Cell()) {
					series.Rows = append(series.Rows, row)
				}
			}
			sameOutcome := !slices.ContainsFunc(series.Rows, func(r report.Row) bool { return r.Outcome != series.Rows[0].Outcome })
			if len(series.Rows) >= 3 && sameOutcome {
				return series, true
			}
		}
	}
	return report.Rows{}, false
}

// sees reports whether j fails for a plant, by its name and by how it grows.
func sees(j report.Judgment, plant scenarios.Plant) bool {
	law := report.Law{Shape: report.Constant, Fixed: 1}
	if plant.PerN {
		law = report.Law{Shape: report.Linear, PerN: 1}
	}
	return slices.ContainsFunc(j.Failing(), func(f report.Finding) bool {
		return slices.ContainsFunc(f.Causes, func(c report.Cause) bool {
			return c.Name == scenarios.PlantName && c.Check == plant.Check && c.Head.Law == law
		})
	})
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func addBaselineFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("baseline", filepath.Join("results", "baseline.json"), "`FILE` that holds the baseline")
}

// errNoBaseline is in the error of readBaseline where there is no file.
var errNoBaseline = errors.New("there is no baseline; 'fanout-bench accept' measures and writes it, then commit the file")

// readBaseline reads the baseline of path.
func readBaseline(ctx context.Context, name string, path *scenarios.Path) (report.Rows, error) {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return report.Rows{}, withStatus(statusNoData, fmt.Errorf("%s: %w", name, errNoBaseline))
	}
	baseline, err := readFile(ctx, name, report.Read)
	if err != nil {
		return report.Rows{}, withStatus(statusNoData, err)
	}
	if baseline.Path != path.Name {
		return report.Rows{}, withStatus(statusNoData, fmt.Errorf("%s is of path %q, not %q; "+
			"name another file with --baseline, or, if only the name has changed, delete this one and accept anew",
			name, baseline.Path, path.Name))
	}
	for _, row := range baseline.Rows {
		if row.N > maxN {
			return report.Rows{}, withStatus(statusNoData, fmt.Errorf("%s: the row of %v cannot be measured: N is at most %d", name, row.Cell(), maxN))
		}
	}
	return baseline, nil
}

// checkBudgets refuses budgets of what path does not have: a slip would switch one
// off unseen.
func checkBudgets(name string, path *scenarios.Path, baseline report.Rows) error {
	for _, b := range baseline.Budgets {
		if err := limits(path, b); err != nil {
			return withStatus(statusNoData, fmt.Errorf("%s: a budget limits what there is not: %w; remove it with 'fanout-bench accept --budget'", name, err))
		}
	}
	return nil
}

// limits returns an error if path does not have what b is about.
func limits(path *scenarios.Path, b report.Budget) error {
	selection := scenarios.Selection{Scenarios: []string{b.Scenario}}
	if b.Version != "" {
		selection.Versions = []string{b.Version}
	}
	_, err := path.Cells(selection)
	return err
}

// judged returns the cells to measure so that none of the baseline goes unjudged:
// those selected, and those the baseline has beyond the default sweep. covered are
// the rows of the baseline that the selection is about.
func judged(path *scenarios.Path, s scenarios.Selection, selected []scenarios.Cell, baseline report.Rows) (cells []scenarios.Cell, covered report.Rows) {
	cells = selected
	covered = report.Rows{Path: baseline.Path, Budgets: baseline.Budgets}
	known := map[scenarios.Cell]bool{}
	for _, cell := range cells {
		known[cell] = true
	}
	for _, row := range baseline.Rows {
		cell := row.Cell()
		if !path.Covers(s, cell) {
			continue
		}
		covered.Rows = append(covered.Rows, row)
		if path.Has(cell) && !known[cell] {
			cells = append(cells, cell)
		}
	}
	return cells, covered
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func addBaselineFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("baseline", filepath.Join("results", "baseline.json"), "`FILE` with the baseline of the built-in case")
}

// errNoBaseline is in the error of readBaseline where there is no file.
var errNoBaseline = errors.New("there is no baseline; 'fanout-bench accept' measures and writes it, then commit the file")

// readBaseline reads the baseline of subject.
func readBaseline(ctx context.Context, name string, subject report.Subject) (report.File, error) {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return report.File{}, exit.With(exit.NoData, fmt.Errorf("%s: %w", name, errNoBaseline))
	}
	baseline, err := interrupt.ReadFile(ctx, name, report.Read)
	if err != nil {
		return report.File{}, exit.With(exit.NoData, err)
	}
	if baseline.Name != subject.Name {
		return report.File{}, exit.With(exit.NoData, fmt.Errorf("%s is of path %q, not %q; "+
			"name another file with --baseline, or, if only the name has changed, delete this one and accept anew",
			name, baseline.Name, subject.Name))
	}
	for _, row := range baseline.Rows {
		if row.N > maxN {
			return report.File{}, exit.With(exit.NoData, fmt.Errorf("%s: the row of %v cannot be measured: N is at most %d", name, row.Cell(), maxN))
		}
	}
	return baseline, nil
}

// checkBudgets refuses budgets of what subject does not have: a slip would switch one
// off unseen.
func checkBudgets(name string, subject report.Subject, baseline report.File) error {
	for _, b := range baseline.Budgets {
		if err := limits(subject, b); err != nil {
			return exit.With(exit.NoData, fmt.Errorf("%s: a budget limits what there is not: %w; remove it with 'fanout-bench accept --budget'", name, err))
		}
	}
	return nil
}

// limits returns an error if subject does not have what b is about.
func limits(subject report.Subject, b report.Budget) error {
	if b.Version != "" && !slices.Contains(subject.Versions, b.Version) {
		return &selection.UnknownNameError{What: "version", Name: b.Version, Valid: subject.Versions}
	}
	var names []string
	for _, s := range subject.Scenarios {
		names = append(names, s.Name)
	}
	if !slices.Contains(names, b.Scenario) {
		return &selection.UnknownNameError{What: "scenario", Name: b.Scenario, Valid: names}
	}
	return nil
}

// judged returns the cells to measure so that none of the baseline goes unjudged:
// those selected, and those the baseline has beyond the default sweep. covered are
// the rows of the baseline that the selection is about.
func judged(path *scenarios.Path, s selection.Selection, selected []scenarios.Cell, baseline report.File) (cells []scenarios.Cell, covered report.File) {
	cells = selected
	covered = report.File{Subject: baseline.Subject, Budgets: baseline.Budgets, Trees: baseline.Trees}
	known := map[scenarios.Cell]bool{}
	for _, cell := range cells {
		known[cell] = true
	}
	for _, row := range baseline.Rows {
		cell := row.Cell()
		if !s.Covers(path, cell) {
			continue
		}
		covered.Rows = append(covered.Rows, row)
		if selection.Has(path, cell) && !known[cell] {
			cells = append(cells, cell)
		}
	}
	return cells, covered
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func addBaselineFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "baseline", filepath.Join("results", "baseline.json"), "`FILE` with the baseline of the built-in case")
}

// errNoBaseline is wrapped by the error of existingBaseline if there is no file.
var errNoBaseline = errors.New("no baseline; write it with 'fanout-bench accept' and commit the file")

// existingBaseline reads a baseline of any subject.
func existingBaseline(ctx context.Context, name string) (report.File, error) {
	baseline, err := interrupt.ReadFile(ctx, name, report.Read)
	if errors.Is(err, fs.ErrNotExist) {
		err = exit.With(exit.NoData, fmt.Errorf("%s: %w", name, errNoBaseline))
	}
	return baseline, err
}

// readBaseline reads the baseline of subject.
func readBaseline(ctx context.Context, name string, subject report.Subject) (report.File, error) {
	baseline, err := existingBaseline(ctx, name)
	if err != nil {
		return report.File{}, err
	}
	if baseline.Name != subject.Name {
		return report.File{}, exit.With(exit.NoData, fmt.Errorf("%s is of path %q, not %q;\n"+
			"name another file with --baseline; if the path was renamed, delete this file and accept again",
			name, baseline.Name, subject.Name))
	}
	for _, row := range baseline.Rows {
		if row.N > maxN {
			return report.File{}, exit.With(exit.NoData, fmt.Errorf("%s: the row of %v cannot be measured: N is at most %d", name, row.Cell, maxN))
		}
	}
	return baseline, nil
}

// checkBudgets rejects budgets for unknown scenarios and versions, because a misspelled budget
// would have no effect.
func checkBudgets(name string, subject report.Subject, baseline report.File) error {
	for _, b := range baseline.Budgets {
		if err := limits(subject, b); err != nil {
			return exit.With(exit.NoData, fmt.Errorf("%s: budget for an unknown scenario or version: %w;\nremove it with 'fanout-bench accept --budget'", name, err))
		}
	}
	return nil
}

// limits returns an error if subject does not have the version or the scenario of b.
func limits(subject report.Subject, b report.Budget) error {
	if b.Version != "" && !slices.Contains(subject.Versions, b.Version) {
		return &selection.UnknownNameError{What: "version", Name: b.Version, Valid: subject.Versions}
	}
	names := namesOf(subject.Scenarios, func(s report.Scenario) string { return s.Name })
	if !slices.Contains(names, b.Scenario) {
		return &selection.UnknownNameError{What: "scenario", Name: b.Scenario, Valid: names}
	}
	return nil
}

// judged returns the measurements to take: those selected, and those that the baseline has beyond
// the default sweep. covered has the rows of the baseline that the selection covers.
func judged(path *scenarios.Path, s selection.Selection, selected []scenarios.Cell, baseline report.File) (cells []scenarios.Cell, covered report.File) {
	cells = selected
	covered = report.File{Subject: baseline.Subject, Budgets: baseline.Budgets, Trees: baseline.Trees}
	known := index.Keys(cells, func(c scenarios.Cell) scenarios.Cell { return c })
	for _, row := range baseline.Rows {
		cell := row.Cell
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

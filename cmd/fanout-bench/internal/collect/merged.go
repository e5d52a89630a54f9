package collect

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// Folder returns the results of all files in folder.
func Folder(ctx context.Context, folder string) (report.File, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return report.File{}, exit.With(exit.NotMeasured, err)
	}
	all, err := Files(ctx, names)
	if err != nil {
		err = fmt.Errorf("what the command wrote: %w", err)
	}
	return all, err
}

// Files returns the results of all files. What several have they have alike.
func Files(ctx context.Context, names []string) (report.File, error) {
	var all report.File
	from := map[scenarios.Cell]string{}
	for _, name := range names {
		f, err := interrupt.ReadFile(ctx, name, report.Read)
		if err != nil {
			return report.File{}, exit.With(exit.NoData, err)
		}
		f.Rows = slices.DeleteFunc(f.Rows, func(row report.Row) bool {
			first, twice := all.Find(row.Scenario, row.N, row.Version)
			if twice && !reflect.DeepEqual(first, row) {
				err = errors.Join(err, exit.With(exit.NotMeasured, fmt.Errorf("%s and %s have other counts of %v; counts that vary are a finding",
					from[row.Cell()], name, row.Cell())))
			}
			from[row.Cell()] = name
			return twice
		})
		if err != nil {
			return report.File{}, err
		}
		f.Trees = slices.DeleteFunc(f.Trees, func(tree calltree.Tree) bool {
			_, twice := calltree.Find(all.Trees, tree.Cell)
			return twice
		})
		f.Budgets = slices.DeleteFunc(f.Budgets, func(b report.Budget) bool {
			return slices.ContainsFunc(all.Budgets, func(o report.Budget) bool {
				return o.Scenario == b.Scenario && o.Version == b.Version && o.Metric == b.Metric
			})
		})
		if len(names) == 1 {
			return f, nil // as it is
		}
		merge.Results(&all, f)
	}
	return all, nil
}

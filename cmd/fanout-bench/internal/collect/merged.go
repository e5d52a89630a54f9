package collect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
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
		return all, fmt.Errorf("what the command wrote: %w", err)
	}
	return all, noteFinished(folder, all)
}

// noteFinished notes in f which tests ran to their end.
func noteFinished(folder string, f report.File) error {
	notes, err := filepath.Glob(filepath.Join(folder, "*"+testbaseline.Finished))
	if err != nil {
		return exit.With(exit.NotMeasured, err)
	}
	for _, name := range notes {
		text, err := os.ReadFile(name)
		if err != nil {
			return exit.With(exit.NotMeasured, oserr.WithoutPath(err))
		}
		pkg, test, _ := strings.Cut(string(text), "\n")
		for i, s := range f.Scenarios {
			f.Scenarios[i].Finished = s.Finished || s.Version == pkg && s.Test == test
		}
	}
	return nil
}

// expanded returns names, with the result files of a folder in its place.
func expanded(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			files = append(files, name)
			continue
		}
		within, err := filepath.Glob(filepath.Join(name, "*.json"))
		if err != nil || len(within) == 0 {
			return nil, exit.With(exit.NoData, fmt.Errorf("%s holds no results", name))
		}
		files = append(files, within...)
	}
	return files, nil
}

// Files returns the results of all files, and of those in folders. What several have they
// have alike.
func Files(ctx context.Context, names []string) (report.File, error) {
	var all report.File
	names, err := expanded(names)
	if err != nil {
		return all, err
	}
	from := map[scenarios.Cell]string{}
	for _, name := range names {
		f, err := interrupt.ReadFile(ctx, name, report.Read)
		if err != nil {
			return report.File{}, exit.With(exit.NoData, err)
		}
		for i := range f.Scenarios {
			f.Scenarios[i].Module = f.Name
		}
		f.Rows = slices.DeleteFunc(f.Rows, func(row report.Row) bool {
			first, twice := all.Find(row.Scenario, row.N, row.Version)
			same := row
			same.Ignored = first.Ignored // which no count is
			if twice && !reflect.DeepEqual(first, same) {
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

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

// Folder returns the merged results of all files in folder.
func Folder(ctx context.Context, folder string) (report.File, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return report.File{}, exit.With(exit.NotMeasured, err)
	}
	all, err := Files(ctx, names)
	if err != nil {
		return all, fmt.Errorf("results of the command: %w", err)
	}
	return all, noteFinished(folder, all)
}

// noteFinished marks the tests in f that ran to their end.
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

// expanded replaces each folder in names by its result files.
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

// Files merges the results of all files and folders. Results in several of them must be equal,
// except for tests that failed and ran again.
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
		better(&all, &f)
		var (
			differ []string
			at     = map[string][]string{} // their N
		)
		f.Rows = slices.DeleteFunc(f.Rows, func(row report.Row) bool {
			first, twice := all.Find(row.Cell)
			same := row
			same.Ignored = first.Ignored // not a count
			varies := first.Races && row.Races || first.Failure != "" && row.Failure != ""
			if twice && !varies && !reflect.DeepEqual(first, same) {
				text := fmt.Sprintf("%s and %s have different counts of %s %s", from[row.Cell], name, row.Version, row.Scenario)
				if at[text] == nil {
					differ = append(differ, text)
				}
				at[text] = append(at[text], fmt.Sprint(row.N))
			}
			from[row.Cell] = name
			return twice
		})
		if len(differ) > 0 {
			var errs []error
			for _, text := range differ {
				errs = append(errs, exit.With(exit.NotMeasured, fmt.Errorf("%s at N=%s; repeated measurements must be equal", text, strings.Join(at[text], ", "))))
			}
			return report.File{}, errors.Join(errs...)
		}
		f.Trees = slices.DeleteFunc(f.Trees, func(tree calltree.Tree) bool {
			_, twice := calltree.Find(all.Trees, tree.Cell)
			return twice
		})
		f.FirstRuns = slices.DeleteFunc(f.FirstRuns, func(first report.FirstRun) bool {
			_, twice := all.Find(first.Cell)
			return twice
		})
		f.Budgets = slices.DeleteFunc(f.Budgets, func(b report.Budget) bool {
			return slices.ContainsFunc(all.Budgets, func(o report.Budget) bool {
				return o.Scenario == b.Scenario && o.Version == b.Version && o.Metric == b.Metric
			})
		})
		if len(names) == 1 {
			return f, nil // unchanged
		}
		merge.Results(&all, f)
	}
	return all, nil
}

// better keeps, for each test's scenario that both have, only the more complete try, because a
// failed test may run again, also on another machine. Other measurements may be spread over
// files.
func better(all, f *report.File) {
	for _, now := range slices.Clone(f.Scenarios) {
		i := slices.IndexFunc(all.Scenarios, func(s report.Scenario) bool {
			return s.Test != "" && s.Name == now.Name && s.Version == now.Version
		})
		if i < 0 {
			continue
		}
		switch said := testbaseline.Compare(Only(*all, all.Scenarios[i]), Only(*f, now)); {
		case said < 0:
			drop(all, now)
		case said > 0:
			drop(f, now)
		}
	}
}

// drop removes a scenario from f.
func drop(f *report.File, s report.Scenario) {
	f.Scenarios = slices.DeleteFunc(f.Scenarios, func(o report.Scenario) bool { return o.Name == s.Name && o.Version == s.Version })
	f.Rows = slices.DeleteFunc(f.Rows, func(r report.Row) bool { return r.Scenario == s.Name && r.Version == s.Version })
	f.FirstRuns = slices.DeleteFunc(f.FirstRuns, func(r report.FirstRun) bool { return r.Scenario == s.Name && r.Version == s.Version })
	f.Budgets = slices.DeleteFunc(f.Budgets, func(b report.Budget) bool { return b.Scenario == s.Name && b.Version == s.Version })
	f.Trees = slices.DeleteFunc(f.Trees, func(t calltree.Tree) bool { return t.Cell.Scenario == s.Name && t.Cell.Version == s.Version })
}

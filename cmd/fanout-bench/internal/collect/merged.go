package collect

import (
	"context"
	"errors"
	"fmt"
	"os"
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
	names, err := FilesIn(folder, ".json")
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
	notes, err := FilesIn(folder, testbaseline.Finished)
	if err != nil {
		return exit.With(exit.NotMeasured, err)
	}
	finished := map[string]bool{}
	for _, name := range notes {
		text, err := os.ReadFile(name)
		if err != nil {
			return exit.With(exit.NotMeasured, oserr.WithoutPath(err))
		}
		finished[string(text)] = true
	}
	for i, s := range f.Scenarios {
		f.Scenarios[i].Finished = s.Finished || finished[s.Version+"\n"+s.Test]
	}
	return nil
}

// Expanded replaces each folder in names by its result files.
func Expanded(names []string) (files []string) {
	for _, name := range names {
		if within, err := FilesIn(name, ".json"); err == nil && len(within) > 0 {
			files = append(files, within...)
		} else {
			files = append(files, name)
		}
	}
	return files
}

// Files merges the results of all files and folders. Results in several of them must be equal,
// except for tests that failed and ran again.
func Files(ctx context.Context, names []string) (report.File, error) {
	var files []report.File
	names = Expanded(names)
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return report.File{}, exit.With(exit.NoData, fmt.Errorf("%s holds no results", name))
		}
		f, err := interrupt.ReadFile(ctx, name, report.Read)
		if err != nil {
			return report.File{}, err
		}
		for i := range f.Scenarios {
			f.Scenarios[i].Module = f.Name
		}
		files = append(files, f)
	}
	if len(files) == 1 {
		return files[0], nil // unchanged
	}
	better(files)
	type found struct {
		report.Row
		in string
	}
	rows, trees, limits := map[scenarios.Cell]found{}, map[scenarios.Cell]bool{}, map[report.Budget]bool{}
	for i, f := range files {
		var (
			differ []string
			at     = map[string][]string{} // their N
		)
		f.FirstRuns = slices.DeleteFunc(f.FirstRuns, func(first report.FirstRun) bool {
			_, twice := rows[first.Cell]
			return twice
		})
		f.Rows = slices.DeleteFunc(f.Rows, func(row report.Row) bool {
			first, twice := rows[row.Cell]
			if !twice {
				rows[row.Cell] = found{row, names[i]}
				return false
			}
			same := row
			same.Ignored = first.Ignored // not a count
			varies := first.Races && row.Races || first.Failure != "" && row.Failure != ""
			if !varies && !reflect.DeepEqual(first.Row, same) {
				text := fmt.Sprintf("%s and %s have different counts of %s %s", first.in, names[i], row.Version, row.Scenario)
				if at[text] == nil {
					differ = append(differ, text)
				}
				at[text] = append(at[text], fmt.Sprint(row.N))
			}
			return true
		})
		if len(differ) > 0 {
			var errs []error
			for _, text := range differ {
				errs = append(errs, exit.With(exit.NotMeasured, fmt.Errorf("%s at N=%s; repeated measurements must be equal", text, strings.Join(at[text], ", "))))
			}
			return report.File{}, errors.Join(errs...)
		}
		f.Trees = slices.DeleteFunc(f.Trees, func(tree calltree.Tree) bool { return known(trees, tree.Cell) })
		f.Budgets = slices.DeleteFunc(f.Budgets, func(b report.Budget) bool {
			return known(limits, report.Budget{Scenario: b.Scenario, Version: b.Version, Metric: b.Metric})
		})
		files[i] = f
	}
	return merge.Results(report.File{}, files...), nil
}

// known reports whether key is in set, and adds it.
func known[K comparable](set map[K]bool, key K) bool {
	was := set[key]
	set[key] = true
	return was
}

// better keeps, for each test's scenario that several files have, only the most complete tries,
// because a failed test may run again, also on another machine. Other measurements may be spread
// over files.
func better(files []report.File) {
	type try struct {
		file int
		part report.File
	}
	tries := map[calltree.Series][]try{}
	for i, f := range files {
		part := Parts(f)
		for _, s := range f.Scenarios {
			if s.Test != "" {
				tries[seriesOf(s)] = append(tries[seriesOf(s)], try{i, part(s)})
			}
		}
	}
	compare := func(a, b try) int { return testbaseline.Compare(a.part, b.part) }
	type attempt struct {
		file int
		of   calltree.Series
	}
	lost := map[attempt]bool{}
	for of, tries := range tries {
		best := slices.MaxFunc(tries, compare)
		for _, t := range tries {
			lost[attempt{t.file, of}] = compare(t, best) < 0
		}
	}
	for i := range files {
		drop(&files[i], func(of calltree.Series) bool { return lost[attempt{i, of}] })
	}
}

// drop removes the scenarios from f that are lost.
func drop(f *report.File, lost func(calltree.Series) bool) {
	is := func(scenario, version string) bool {
		return lost(calltree.Series{Scenario: scenario, Version: version})
	}
	f.Scenarios = slices.DeleteFunc(f.Scenarios, func(s report.Scenario) bool { return is(s.Name, s.Version) })
	f.Rows = slices.DeleteFunc(f.Rows, func(r report.Row) bool { return is(r.Scenario, r.Version) })
	f.FirstRuns = slices.DeleteFunc(f.FirstRuns, func(r report.FirstRun) bool { return is(r.Scenario, r.Version) })
	f.Budgets = slices.DeleteFunc(f.Budgets, func(b report.Budget) bool { return is(b.Scenario, b.Version) })
	f.Trees = slices.DeleteFunc(f.Trees, func(t calltree.Tree) bool { return is(t.Cell.Scenario, t.Cell.Version) })
}

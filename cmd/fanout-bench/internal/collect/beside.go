// Package collect runs a user's tests and reads their results and the baselines beside them.
package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
)

// Beside has the baselines beside the tests of a repository.
type Beside struct {
	root  string                 // of the repository
	Files map[string]report.File // by path relative to root
}

// FindBeside reads the baselines below the current folder, and reports unusable ones before any
// test runs.
func FindBeside(ctx context.Context) (Beside, error) {
	here, err := os.Getwd()
	if err != nil {
		return Beside{}, exit.With(exit.NotMeasured, err)
	}
	b := Beside{root: testbaseline.Root(here), Files: map[string]report.File{}}
	within, _ := filepath.Rel(b.root, here) // the root is here or above
	var unusable []error
	// Unlike filepath.WalkDir, this also walks a current folder that is a symbolic link.
	err = fs.WalkDir(os.DirFS(here), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir // not readable
		}
		if entry.IsDir() {
			if base := entry.Name(); name != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "vendor") {
				return fs.SkipDir
			}
			// Another repository or worktree has its own baselines.
			if _, err := os.Lstat(filepath.Join(here, filepath.FromSlash(name), ".git")); err == nil && name != "." {
				return fs.SkipDir
			}
			return ctx.Err()
		}
		relative := path.Join(filepath.ToSlash(within), name)
		if path.Ext(name) == ".json" && strings.HasSuffix("/"+path.Dir(relative), "/"+filepath.ToSlash(testbaseline.Folder)) {
			_, err := b.Read(ctx, relative)
			if testbaseline.Replaceable(err) {
				err = fmt.Errorf("%w; rewrite it with 'go test' and -fanout.update", err)
			}
			if err != nil {
				unusable = append(unusable, exit.With(exit.NoData, err))
			}
		}
		return nil
	})
	return b, errors.Join(append(unusable, err)...)
}

// path returns the path of the file name.
func (b Beside) path(name string) string { return filepath.Join(b.root, filepath.FromSlash(name)) }

// Read reads the baseline of that name, if it exists.
func (b Beside) Read(ctx context.Context, name string) (found bool, err error) {
	if _, known := b.Files[name]; known {
		return true, nil
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return false, fmt.Errorf("%q is outside of the repository", name)
	}
	file := b.path(name)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	f, err := interrupt.ReadFile(ctx, file, report.Read)
	if err != nil {
		return false, err
	}
	if err := testbaseline.CheckLimits(f); err != nil {
		return false, fmt.Errorf("%s: %w", name, err)
	}
	b.Files[name] = named(f, name)
	return true, nil
}

// named returns f so that it can be merged with others: its scenario names the file, and its
// budgets name the package.
func named(f report.File, name string) report.File {
	for i := range f.Scenarios {
		f.Scenarios[i].Baseline, f.Scenarios[i].Module = name, f.Name
	}
	for i := range f.Budgets {
		if f.Budgets[i].Version == "" && len(f.Versions) == 1 {
			f.Budgets[i].Version = f.Versions[0]
		}
	}
	return f
}

// Judging returns the baseline to compare with measured: the files of its scenarios, the limits
// set in tests, and scenarios that are gone from the code. It omits what did not run.
func (b Beside) Judging(ctx context.Context, measured report.File, complete bool) (baseline report.File, notRun []string, err error) {
	var wrong []error
	part := Parts(measured)
	var files []report.File
	for _, s := range measured.Scenarios {
		if s.Baseline == "" {
			continue
		}
		found, err := b.Read(ctx, s.Baseline)
		if err == nil {
			err = isOf(b.Files[s.Baseline], s)
		}
		switch {
		case err != nil:
			wrong = append(wrong, exit.With(exit.NoData, err))
		case found:
			baseline, now := b.Files[s.Baseline], part(s)
			if HasFailure(now) {
				// The failure prevented the other measurements.
				baseline = merge.Without(baseline, merge.Gone(baseline.Rows, now))
			}
			files = append(files, baseline)
		}
	}
	gone, unknown := b.Leftover(measured, complete)
	for _, name := range gone {
		if err := testbaseline.CheckName(b.Files[name], path.Base(name)); err != nil {
			wrong = append(wrong, exit.With(exit.NoData, fmt.Errorf("%s: %w", name, err)))
			continue
		}
		files = append(files, b.Files[name])
	}
	for _, name := range unknown {
		for _, s := range b.Files[name].Scenarios {
			notRun = append(notRun, s.Version+" "+s.Name)
		}
	}
	return merge.Results(testbaseline.OfLimits(measured), files...), notRun, errors.Join(wrong...)
}

// HasFailure reports whether a row has a different outcome than declared.
func HasFailure(f report.File) bool {
	return slices.ContainsFunc(f.Rows, func(r report.Row) bool { return r.Failure != "" })
}

// isOf returns an error if f is not the baseline of s.
func isOf(f report.File, s report.Scenario) error {
	for _, row := range f.Rows {
		if row.Scenario != s.Name || row.Version != s.Version {
			return fmt.Errorf("%s is of scenario %q of package %q, not of %q of %q; rewrite it", s.Baseline, row.Scenario, row.Version, s.Name, s.Version)
		}
	}
	return nil
}

// Leftover returns the names of the files without a measured scenario: those whose scenario is gone,
// and, unless the results are complete, those of which that is unknown.
func (b Beside) Leftover(measured report.File, complete bool) (gone, unknown []string) {
	used, folders := map[string]bool{}, map[string][]string{} // of packages
	folded := map[string]string{}                             // used names, by their lower case
	for _, s := range measured.Scenarios {
		if folder := path.Dir(s.Baseline); s.Baseline != "" {
			used[s.Baseline], folded[strings.ToLower(s.Baseline)] = true, s.Baseline
			if !slices.Contains(folders[s.Version], folder) {
				folders[s.Version] = append(folders[s.Version], folder)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Files)) {
		moved := func(pkg string) bool {
			return slices.ContainsFunc(folders[pkg], func(folder string) bool { return folder != path.Dir(name) })
		}
		// On many systems, two names that differ only in case are of one file.
		other, similar := folded[strings.ToLower(name)]
		renamed := similar && savefile.SameFile(b.path(name), b.path(other))
		switch {
		case used[name] || renamed || slices.ContainsFunc(b.Files[name].Versions, moved):
		case complete || b.gone(name, measured):
			gone = append(gone, name)
		default:
			unknown = append(unknown, name)
		}
	}
	return gone, unknown
}

// gone reports whether the scenario of a file no longer exists: its test is missing, or ran to
// its end and measured another name. Otherwise the test or a part of it did not run.
func (b Beside) gone(name string, measured report.File) bool {
	for _, s := range b.Files[name].Scenarios {
		if s.Test == "" {
			return false // unknown
		}
		ran := slices.ContainsFunc(measured.Scenarios, func(m report.Scenario) bool {
			return m.Finished && m.Version == s.Version && m.Test == s.Test && m.Label == s.Label
		})
		if !ran && hasTest(b.path(path.Dir(path.Dir(path.Dir(name)))), s.Test) {
			return false
		}
	}
	return true
}

// Write replaces the baselines that differ from accepted, among those that were measured and that
// Read has accepted, and returns their names.
func (b Beside) Write(ctx context.Context, measured, accepted report.File) (written []string, err error) {
	part := Parts(accepted)
	for _, s := range measured.Scenarios {
		if s.Baseline == "" {
			continue
		}
		file := b.path(s.Baseline)
		if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
			return written, exit.With(exit.NotMeasured, fmt.Errorf("%s is not a regular file; remove it and run accept again", s.Baseline))
		}
		target, err := savefile.NewWithFolder(file)
		if err != nil {
			return written, exit.With(exit.NotMeasured, err)
		}
		if err := target.Alone(func() error {
			changed, err := b.replace(ctx, target, s, part(s))
			if changed {
				written = append(written, s.Baseline)
			}
			return err
		}); err != nil {
			return written, err
		}
	}
	return written, nil
}

// replace replaces the baseline of s by f, and reports whether they differ.
func (b Beside) replace(ctx context.Context, target savefile.Target, s report.Scenario, f report.File) (changed bool, err error) {
	f.Scenarios[0].Growth, f.Scenarios[0].Finished, f.Scenarios[0].Folder = findings.Grows(f), false, "" // which is of a run
	now, err := interrupt.ReadFile(ctx, target.Name, report.Read)
	if errors.Is(err, fs.ErrNotExist) || testbaseline.Replaceable(err) { // rewrite it
		now, err = report.File{}, nil
	}
	now = named(now, s.Baseline)
	switch {
	case err == nil && reflect.DeepEqual(now, f): // perhaps written by the same command beside it
		return false, nil
	case err != nil || !reflect.DeepEqual(now, b.Files[s.Baseline]): // somebody else changed it
		return false, exit.With(exit.NotMeasured, fmt.Errorf("%s was changed in the meantime and stays as it is; run accept again", s.Baseline))
	}
	f.Scenarios[0].Baseline = "" // the file's own path
	err = target.Save(f.Write)
	return err == nil, err
}

// Parts returns a function for the part of f about a scenario.
func Parts(f report.File) func(report.Scenario) report.File {
	_, rows := index.Groups(f.Rows, func(r report.Row) calltree.Series {
		return calltree.Series{Scenario: r.Scenario, Version: r.Version}
	})
	_, budgets := index.Groups(f.Budgets, func(b report.Budget) calltree.Series {
		return calltree.Series{Scenario: b.Scenario, Version: b.Version}
	})
	_, trees := index.Groups(f.Trees, func(t calltree.Tree) calltree.Series {
		return calltree.Series{Scenario: t.Cell.Scenario, Version: t.Cell.Version}
	})
	return func(s report.Scenario) report.File {
		name, of := cmp.Or(s.Module, f.Name), seriesOf(s)
		return report.File{
			Subject: report.Subject{Name: name, Versions: []string{s.Version}, Scenarios: []report.Scenario{s}},
			Rows:    rows[of], Budgets: budgets[of], Trees: trees[of],
		}
	}
}

func seriesOf(s report.Scenario) calltree.Series {
	return calltree.Series{Scenario: s.Name, Version: s.Version}
}

// Remove removes the file name.
func (b Beside) Remove(name string) error {
	if err := os.Remove(b.path(name)); err != nil {
		return fmt.Errorf("remove %s: %w", name, oserr.WithoutPath(err))
	}
	return nil
}

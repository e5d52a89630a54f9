package fanouttest

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/google/renameio/v2/maybe"

	"github.com/fanout-bench/fanout-bench/internal/beside"
	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// outFolder returns the folder to write results to, or "" if they are not collected.
func outFolder() (string, error) {
	folder := os.Getenv(outVariable)
	if folder != "" && !filepath.IsAbs(folder) {
		return "", errors.New(outVariable + " is not an absolute path; make it one, because tests run in the folder of their package")
	}
	if folder != "" {
		if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
			return "", errors.New(outVariable + " names a folder that does not exist. 'fanout-bench … -- COMMAND' makes it and removes it at its end: " +
				"if the tests run in a container or on another machine, mount the folder there under the same path, or run the command there; " +
				"if the command does not run, unset the variable")
		}
	}
	if worktree := os.Getenv(baseVariable); folder != "" && worktree != "" && !isIn(started, worktree) {
		return "", errors.New("the base is to be measured, but this test runs in another copy of the code; let the command after -- " +
			"use paths relative to its current folder, and no go.work of another folder")
	}
	return folder, nil
}

// collect writes results to folder, and the runs with each probe to a folder within it. It
// reports whether it wrote them. It writes nothing if an earlier try has different counts.
func (s Scenario) collect(folder string, subject report.Subject, results []scenarios.Result, probed *probe.Runs) (bool, error) {
	wrote, err := put(folder, s.file(subject, results))
	if errors.Is(err, errDiffer) {
		why := errors.New("the test ran more than once with different counts; make them equal, or set field Races")
		err = errors.Join(err, write(resultFile(folder, subject), unmeasuredFile(subject, why)))
	}
	if err != nil {
		return false, err
	}
	for _, p := range probed.Probes() {
		var with []scenarios.Result
		for _, result := range results {
			if recording, ok := probed.Of(result.Cell, p); ok {
				result.Recording = recording
				with = append(with, result)
			}
		}
		if len(with) == 0 {
			continue
		}
		within := filepath.Join(folder, p.Key())
		// Mkdir, not MkdirAll: if folder is gone, so is the collecting command.
		if err := os.Mkdir(within, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return wrote, fmt.Errorf("write to the folder in %s: %w", outVariable, oserr.WithoutPath(err))
		}
		if _, err := put(within, s.file(subject, with)); err != nil {
			return wrote, err
		}
	}
	return wrote, nil
}

// collectFailure writes the result of a failed measurement to folder, if there is one. If Run
// returns an error or panics, that is how the request ends: a result, after the rows measured so
// far. Any other failure has no rows.
func (s Scenario) collectFailure(folder string, subject report.Subject, results []scenarios.Result, failure error) error {
	if folder == "" {
		return nil
	}
	var (
		failed        *runError
		panicked      *beside.RunPanicError
		n             int
		outcome, text string
	)
	switch {
	case errors.As(failure, &failed):
		n, outcome, text = failed.n, "error", "Run returned an error: "+shown(failed.error)
	case errors.As(failure, &panicked):
		n, outcome, text = s.Sweep[len(results)], "panic", "Run panicked: "+strings.TrimPrefix(shown(panicked), "panic: ")
	default:
		_, err := put(folder, unmeasuredFile(subject, failure))
		return err
	}
	rows := s.file(subject, results)
	rows.Rows = append(rows.Rows, report.Row{
		Cell: scenarios.Cell{Scenario: s.Name, N: n, Version: subject.Versions[0]}, Outcome: outcome,
		Counts:  tracer.Counts{Statements: map[string]int{}, Checks: map[string]int{}, Absent: tracer.Metrics()},
		Failure: text,
	})
	_, err := put(folder, rows)
	return err
}

// unmeasuredFile says why the scenario of subject could not be measured. It has no rows, even if
// some N were measured: growth needs all of them, and if runs vary or work is late, the other
// counts are doubtful too.
func unmeasuredFile(subject report.Subject, why error) report.File {
	subject.Scenarios = slices.Clone(subject.Scenarios)
	subject.Scenarios[0].Unmeasured = strings.TrimPrefix(shown(why), "measure ")
	return report.File{Subject: subject}
}

// noteFinished notes in folder, if there is one, that a test finished without skips. A scenario
// that it has not measured by then no longer exists.
func noteFinished(t TB, folder, pkg string) {
	skipper, known := t.(interface{ Skipped() bool })
	short := flag.Lookup("test.short")
	if folder == "" || !known || skipper.Skipped() || t.Failed() || short != nil && short.Value.String() == "true" {
		return
	}
	name := testbaseline.FileName(pkg, t.Name()) + testbaseline.Finished
	if err := os.WriteFile(filepath.Join(folder, name), []byte(pkg+"\n"+t.Name()), 0o644); err != nil {
		t.Errorf("fanouttest: write to the folder in %s: %v", outVariable, oserr.WithoutPath(err))
	}
}

// resultFile returns the path of the collected file of a scenario.
func resultFile(folder string, subject report.Subject) string {
	s := subject.Scenarios[0]
	return filepath.Join(folder, testbaseline.FileName(s.Version, s.Name)+".json")
}

// put writes f, the file of one scenario, to folder and reports whether it did. A test that runs
// more than once in a collection must count the same each time. If it runs again because it
// failed, the successful try counts.
func put(folder string, f report.File) (wrote bool, err error) {
	name := resultFile(folder, f.Subject)
	var text bytes.Buffer
	if err := f.Write(&text); err != nil {
		return false, err
	}
	// O_EXCL: two scenarios with one file would make the result depend on the order.
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		_, err = file.Write(text.Bytes())
		err = errors.Join(err, file.Close())
		wrote = true
	}
	if errors.Is(err, fs.ErrExist) {
		var before report.File
		before, err = readBaseline(name)
		s := f.Scenarios[0]
		if other := before.Scenario(s.Version, s.Name); err == nil && other.Folder != s.Folder {
			return false, fmt.Errorf("scenario %q of %s is in folder %q and in %q; give the modules different paths",
				s.Name, s.Version, cmp.Or(other.Folder, "."), cmp.Or(s.Folder, "."))
		}
		if err == nil {
			switch said := testbaseline.Compare(before, f); {
			case said == 0:
				return false, sameAs(before, f)
			case said < 0:
				wrote, err = true, maybe.WriteFile(name, text.Bytes(), 0o644)
			}
		}
	}
	if err != nil {
		return false, fmt.Errorf("write to the folder in %s: %w", outVariable, oserr.WithoutPath(err))
	}
	return wrote, nil
}

// errDiffer is in the error about tries with different counts.
var errDiffer = errors.New("counts that vary are an error; if the folder is from an earlier collection, empty it")

// sameAs returns an error if before has other counts than f. Counts that may vary, and how Run
// fails, are not compared.
func sameAs(before, f report.File) error {
	rows := slices.Clone(f.Rows)
	for _, list := range [][]report.Row{before.Rows, rows} {
		for i := range list {
			list[i].Ignored = 0 // not a count
		}
	}
	varies := slices.ContainsFunc(slices.Concat(before.Rows, rows), func(r report.Row) bool { return r.Races || r.Failure != "" })
	if !varies && !reflect.DeepEqual(before.Rows, rows) {
		return fmt.Errorf("scenario %q of %s has other counts than an earlier result in the folder in %s; %w",
			f.Scenarios[0].Name, f.Scenarios[0].Version, outVariable, errDiffer)
	}
	return nil
}

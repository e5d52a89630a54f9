package fanouttest

import (
	"bytes"
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

	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// outFolder returns where to write results to. It is empty if they are not collected.
func outFolder() (string, error) {
	folder := os.Getenv(outVariable)
	if folder != "" && !filepath.IsAbs(folder) {
		return "", errors.New(outVariable + " is not an absolute path; tests run in the folder of their package")
	}
	if folder != "" {
		if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
			return "", errors.New(outVariable + " names a folder that is not there. 'fanout-bench … -- COMMAND' makes it and removes it at its end: " +
				"where the tests run in a container or on another machine, have them find that folder by the same path, as a mounted one, or run the command there; " +
				"where they are run without it, unset the variable")
		}
	}
	return folder, nil
}

// collect writes results to folder, and those of the runs with each probe to a folder of
// its own within. It reports whether they are the ones there now. If those of another try
// differ, neither are.
func (s Scenario) collect(folder string, subject report.Subject, results []scenarios.Result, probed *probe.Runs) (bool, error) {
	wrote, err := put(folder, s.file(subject, results))
	if errors.Is(err, errDiffer) {
		why := errors.New("the test ran more than once and counted otherwise; counts that vary are a finding")
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
		// Without folder: who collects is gone where that is.
		if err := os.Mkdir(within, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return wrote, fmt.Errorf("write to the folder in %s: %w", outVariable, oserr.WithoutPath(err))
		}
		if _, err := put(within, s.file(subject, with)); err != nil {
			return wrote, err
		}
	}
	return wrote, nil
}

// collectFailure writes to folder, if there is one, what came of a measurement that failed. What
// Run returns is a result, which comes after those that there are; of anything else that goes
// wrong there is none.
func (s Scenario) collectFailure(folder string, subject report.Subject, results []scenarios.Result, failure error) error {
	if folder == "" {
		return nil
	}
	var failed *runError
	if !errors.As(failure, &failed) {
		_, err := put(folder, unmeasuredFile(subject, failure))
		return err
	}
	rows := s.file(subject, results)
	rows.Rows = append(rows.Rows, report.Row{
		Scenario: s.Name, N: failed.n, Version: subject.Versions[0], Outcome: "error",
		Counts:  tracer.Counts{Statements: map[string]int{}, Checks: map[string]int{}},
		Failure: fmt.Sprintf("Run returned an error: %s", shown(failed.error)),
	})
	_, err := put(folder, rows)
	return err
}

// unmeasuredFile says why the scenario of subject could not be measured. It has no rows, also
// where it could be at other N: with some of its N missing nobody can tell how it grows, and
// where runs vary or work is late, what the others counted is as doubtful.
func unmeasuredFile(subject report.Subject, why error) report.File {
	subject.Scenarios = slices.Clone(subject.Scenarios)
	subject.Scenarios[0].Unmeasured = strings.TrimPrefix(shown(why), "measure ")
	return report.File{Subject: subject}
}

// noteFinished notes in folder, if there is one, that a test ran to its end, with nothing of it
// skipped: what it has not measured by then is not in the code any more.
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

// resultFile is where what is collected of the scenario of subject goes.
func resultFile(folder string, subject report.Subject) string {
	s := subject.Scenarios[0]
	return filepath.Join(folder, testbaseline.FileName(s.Version, s.Name)+".json")
}

// put writes f, which is of one scenario, to a file in folder, and reports whether it is there
// now. A test that runs more than once in a collection has to count the same each time; where
// it is run again because it failed, the good try counts.
func put(folder string, f report.File) (wrote bool, err error) {
	name := resultFile(folder, f.Subject)
	var text bytes.Buffer
	if err := f.Write(&text); err != nil {
		return false, err
	}
	// Not in the place of another one: whose it is would be a matter of who comes last.
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		_, err = file.Write(text.Bytes())
		err = errors.Join(err, file.Close())
		wrote = true
	}
	if errors.Is(err, fs.ErrExist) {
		var before report.File
		if before, err = readBaseline(name); err == nil {
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

// errDiffer is in the error of counts that another try has otherwise.
var errDiffer = errors.New("counts that vary are a finding, unless the folder is of an earlier collection")

// sameAs returns an error unless before has the counts of f, or they may vary, as how Run fails
// may.
func sameAs(before, f report.File) error {
	rows := slices.Clone(f.Rows)
	for _, list := range [][]report.Row{before.Rows, rows} {
		for i := range list {
			list[i].Ignored = 0 // which no count is
		}
	}
	varies := slices.ContainsFunc(slices.Concat(before.Rows, rows), func(r report.Row) bool { return r.Races || r.Failure != "" })
	if !varies && !reflect.DeepEqual(before.Rows, rows) {
		return fmt.Errorf("scenario %q of %s counted otherwise in a result that is in the folder in %s already; %w",
			f.Scenarios[0].Name, f.Scenarios[0].Version, outVariable, errDiffer)
	}
	return nil
}

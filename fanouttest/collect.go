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

	"github.com/google/renameio/v2/maybe"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
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
// its own within.
func (s Scenario) collect(folder string, subject report.Subject, results []scenarios.Result, probed *probe.Runs) error {
	if err := put(folder, s.file(subject, results)); err != nil {
		return err
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
			return fmt.Errorf("write to the folder in %s: %w", outVariable, oserr.WithoutPath(err))
		}
		if err := put(within, s.file(subject, with)); err != nil {
			return err
		}
	}
	return nil
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

// put writes rows to a file in folder. A test that runs more than once in a collection
// has to count the same each time; where it is run again because it failed, the good try counts.
func put(folder string, rows report.File) error {
	first := rows.Rows[0]
	name := filepath.Join(folder, testbaseline.FileName(first.Version, first.Scenario)+".json")
	var text bytes.Buffer
	if err := rows.Write(&text); err != nil {
		return err
	}
	// Not in the place of another one: whose it is would be a matter of who comes last.
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		_, err = file.Write(text.Bytes())
		err = errors.Join(err, file.Close())
	}
	if errors.Is(err, fs.ErrExist) {
		var before report.File
		if before, err = readBaseline(name); err == nil {
			switch was, is := passes(before), passes(rows); {
			case was && !is: // it stays
			case is && !was:
				err = maybe.WriteFile(name, text.Bytes(), 0o644)
			default:
				return sameAs(before, rows)
			}
		}
	}
	if err != nil {
		return fmt.Errorf("write to the folder in %s: %w", outVariable, oserr.WithoutPath(err))
	}
	return nil
}

// passes reports whether Run ended as it is to, with counts within the limits in the test.
func passes(f report.File) bool {
	return len(judge(testbaseline.OfLimits(f), f, report.CostMetrics()).Failing()) == 0
}

// sameAs returns an error unless before has the counts of rows.
func sameAs(before, rows report.File) error {
	rows.Rows = slices.Clone(rows.Rows)
	for _, list := range [][]report.Row{before.Rows, rows.Rows} {
		for i := range list {
			list[i].Ignored = 0 // which no count is
		}
	}
	if !reflect.DeepEqual(before.Rows, rows.Rows) {
		return fmt.Errorf("scenario %q of %s counted otherwise in a result that is in the folder in %s already; "+
			"counts that vary are a finding, unless the folder is of an earlier collection", rows.Rows[0].Scenario, rows.Rows[0].Version, outVariable)
	}
	return nil
}

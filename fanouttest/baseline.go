package fanouttest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/renameio/v2/maybe"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

var (
	updateFlag  = testFlag("fanout.update", "write what is measured to the baselines beside the tests")
	ratchetFlag = testFlag("fanout.ratchet", "fail where less is measured than the baselines beside the tests say")
)

// testFlag is one of tests only: other programs may link this package.
func testFlag(name, usage string) *bool {
	if program := strings.TrimSuffix(os.Args[0], ".exe"); !strings.HasSuffix(program, ".test") {
		return new(bool)
	}
	return flag.Bool(name, false, usage)
}

// updating reports whether baselines are to be written.
func updating() (bool, error) {
	update := *updateFlag
	if value := os.Getenv("FANOUT_UPDATE"); value != "" {
		set, err := strconv.ParseBool(value)
		if err != nil {
			return false, fmt.Errorf("FANOUT_UPDATE is %q, which is neither 1 nor 0", value)
		}
		update = update || set
	}
	if value := os.Getenv("CI"); update && value != "" {
		if set, err := strconv.ParseBool(value); err != nil || set {
			return false, errors.New("this is CI ($CI is set), where a new baseline would be lost or slip in unseen; update it at home and commit it")
		}
	}
	return update, nil
}

// writeBaseline makes measured the baseline beside the test, in the file path.
func writeBaseline(t TB, path string, measured report.File) error {
	t.Helper()
	scenario := &measured.Scenarios[0]
	name := testbaseline.Path(scenario.Name)
	scenario.Baseline, scenario.Folder, scenario.Growth = "", "", findings.Grows(measured) // the file is where it is
	baseline, err := readBaseline(path)
	if err != nil {
		baseline = report.File{} // it is written anew
	}
	if err := write(path, accepted(baseline, measured)); err != nil {
		return err
	}
	t.Logf("fanouttest: wrote %s; commit it", name)
	for _, s := range report.Summarize(measured) {
		if g := s.Metrics[tracer.SQL]; g.Law.Shape == report.Irregular {
			t.Logf("fanouttest: SQL grows by no law; does Run also find what Setup stored for smaller N?")
		}
	}
	return nil
}

// judgeByFile sets measured against the baseline beside the test. remedy is the command that
// writes it.
func judgeByFile(t TB, path, remedy string, measured report.File) error {
	t.Helper()
	name := testbaseline.Path(measured.Scenarios[0].Name)
	baseline, err := readBaseline(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no baseline %s; write it with: %s", name, remedy)
	}
	var unusable *report.FileError
	if errors.As(err, &unusable) {
		// Some say themselves that it is to be written.
		return fmt.Errorf("%s: %w; the command that writes it: %s", name, err, remedy)
	}
	if err != nil {
		return err
	}
	j := judge(baseline, measured, report.CostMetrics())
	if err := failure(j, remedy, otherwise(baseline, measured)); err != nil {
		return err
	}
	if j.Improved() {
		text := fmt.Sprintf("it costs less than its baseline, which has room for more until that is written anew: %s", remedy)
		if *ratchetFlag {
			return errors.New(text)
		}
		t.Logf("fanouttest: %s", text)
	}
	return nil
}

func readBaseline(path string) (report.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return report.File{}, err
	}
	defer file.Close()
	return report.Read(file)
}

// accepted returns measured as the baseline. Reasons and budgets of the one before stay.
func accepted(before, measured report.File) report.File {
	measured.FirstRuns = nil
	var gone []scenarios.Cell
	for _, row := range before.Rows {
		if _, again := measured.Find(row.Scenario, row.N, row.Version); !again {
			gone = append(gone, row.Cell())
		}
	}
	return merge.Accept(before, measured, gone, "").Baseline
}

// otherwise says what a baseline is about that has other cells than were measured, which
// are of one scenario and package: a renamed one has the same N.
func otherwise(baseline, measured report.File) string {
	now := measured.Rows[0]
	for _, row := range baseline.Rows {
		var parts []string
		if row.Scenario != now.Scenario {
			parts = append(parts, fmt.Sprintf("of scenario %q, not %q", row.Scenario, now.Scenario))
		}
		if row.Version != now.Version {
			parts = append(parts, fmt.Sprintf("of package %q, not %q", row.Version, now.Version))
		}
		if len(parts) > 0 {
			return strings.Join(parts, ", and ")
		}
	}
	return "about other N than were measured"
}

// write replaces a file in one step, so that nobody reads half of it.
func write(path string, f report.File) error {
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return maybe.WriteFile(path, b.Bytes(), 0o644)
}

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
	"github.com/fanout-bench/fanout-bench/tracer"
)

var (
	updateFlag  = testFlag("fanout.update", "write the measured counts to the baselines beside the tests")
	ratchetFlag = testFlag("fanout.ratchet", "fail if a count is below the baseline beside the test")
)

// testFlag defines a flag in test binaries only, because other programs may link this package.
func testFlag(name, usage string) *bool {
	if program := strings.TrimSuffix(os.Args[0], ".exe"); !strings.HasSuffix(program, ".test") {
		return new(bool)
	}
	return flag.Bool(name, false, usage)
}

// updating reports whether to write baselines.
func updating() (bool, error) {
	update := *updateFlag
	if value := os.Getenv("FANOUT_UPDATE"); value != "" {
		set, err := strconv.ParseBool(value)
		if err != nil {
			return false, fmt.Errorf("FANOUT_UPDATE is %q; set it to 1 or 0", value)
		}
		update = update || set
	}
	if value := os.Getenv("CI"); update && value != "" {
		if set, err := strconv.ParseBool(value); err != nil || set {
			return false, errors.New("baselines are not written in CI ($CI is set); update the baseline on your machine and commit it")
		}
	}
	return update, nil
}

// writeBaseline writes measured to path, as the baseline beside the test.
func writeBaseline(t TB, path string, measured report.File) error {
	t.Helper()
	scenario := &measured.Scenarios[0]
	name := testbaseline.Path(scenario.Name)
	scenario.Baseline, scenario.Folder, scenario.Growth = "", "", findings.Grows(measured) // implied by the place of the file
	baseline, err := readBaseline(path)
	if err == nil {
		err = testbaseline.CheckLimits(baseline)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !testbaseline.Replaceable(err) {
		return fmt.Errorf("%s stays as it is: %w", name, err) // it may have reasons and budgets
	}
	if err := write(path, accepted(baseline, measured)); err != nil {
		return err
	}
	t.Logf("fanouttest: wrote %s; commit it", name)
	for _, s := range report.Summarize(measured) {
		if g := s.Metrics[tracer.SQL]; g.Law.Shape == report.Irregular {
			t.Logf("fanouttest: SQL does not fit a constant, linear or quadratic curve; check that Run finds only what Setup stored for its N")
		}
	}
	return nil
}

// judgeByFile compares measured with the baseline beside the test. remedy is the command that
// writes it.
func judgeByFile(t TB, path, remedy string, measured report.File) error {
	t.Helper()
	name := testbaseline.Path(measured.Scenarios[0].Name)
	baseline, err := readBaseline(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no baseline yet; now it is %s\nIf that is as it should be, write %s and commit it:\n  %s", findings.Grows(measured), name, remedy)
	}
	if testbaseline.Replaceable(err) {
		return fmt.Errorf("%s: %w; to write it again: %s", name, err, remedy)
	}
	if err == nil {
		err = testbaseline.CheckLimits(baseline)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	j := judge(baseline, measured, report.CostMetrics())
	if err := failure(j, "the baseline", remedy, otherwise(baseline, measured)); err != nil {
		return err
	}
	if j.Improved() {
		text := fmt.Sprintf("it costs less than its baseline, so it could grow back unnoticed; write the baseline again: %s", remedy)
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

// accepted returns measured as the new baseline, with the reasons and budgets of before.
func accepted(before, measured report.File) report.File {
	measured.FirstRuns, before = nil, merge.Of(before, measured.Scenarios[0])
	return merge.Accept(before, measured, merge.Gone(before.Rows, measured), "").Baseline
}

// otherwise returns how the baseline's cells differ from the measured ones, or "". Both are of
// one scenario and package; a renamed scenario has the same N.
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
	return "about different values of N"
}

// write replaces a file atomically.
func write(path string, f report.File) error {
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a rename would replace the link
	}
	return maybe.WriteFile(path, b.Bytes(), 0o644)
}

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

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// updateFlag is one of tests only: other programs may link this package.
var updateFlag = func() *bool {
	if name := strings.TrimSuffix(os.Args[0], ".exe"); !strings.HasSuffix(name, ".test") {
		return new(bool)
	}
	return flag.Bool("fanout.update", false, "write what is measured to the baselines beside the tests")
}()

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

// baselineFile returns where the baseline of a scenario is.
func baselineFile(scenario string) string {
	return filepath.Join("testdata", "fanout", fileName(scenario)+".json")
}

// writeBaseline makes measured the baseline beside the test.
func writeBaseline(t TB, scenario string, measured report.File) error {
	t.Helper()
	name := baselineFile(scenario)
	measured.Trees = nil // lines change with every edit
	if err := write(name, measured); err != nil {
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

// judgeByFile sets measured against the baseline beside the test.
func judgeByFile(here place, test, scenario string, measured report.File) error {
	name := baselineFile(scenario)
	remedy := here.command(test) + " -fanout.update"
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no baseline %s; write it with: %s", name, remedy)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	baseline, err := report.Read(file)
	if err != nil {
		// Some say themselves that it is to be written.
		return fmt.Errorf("%s: %w; the command that writes it: %s", name, err, remedy)
	}
	return failure(report.Judge(baseline, measured, report.CostMetrics()), remedy, otherwise(baseline, measured))
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
func write(name string, rows report.File) error {
	var b bytes.Buffer
	if err := rows.Write(&b); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return maybe.WriteFile(name, b.Bytes(), 0o644)
}

package collect_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
)

// of is what the tests of a package have measured of a scenario.
func of(module, pkg, scenario, test string, sql int) report.File {
	f := reporttest.Rows(reporttest.Cell(pkg, scenario, 1, "ok", sql, 0))
	f.Subject = report.Subject{
		Name: module, Versions: []string{pkg},
		Scenarios: []report.Scenario{{Name: scenario, Version: pkg, Unit: "order", Test: test, Baseline: scenario + "/testdata/fanout/" + scenario + ".json"}},
	}
	return f
}

func save(t *testing.T, name string, f report.File) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := f.Write(file); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestFiles has parts of two modules, of which one is there twice.
func TestFiles(t *testing.T) {
	folder := t.TempDir()
	a := save(t, filepath.Join(folder, "a.json"), of("example.com/mono/a", "example.com/mono/a/x", "list", "TestList", 1))
	b := save(t, filepath.Join(folder, "b.json"), of("example.com/mono/b", "example.com/mono/b", "list", "TestList", 2))
	same := save(t, filepath.Join(folder, "same.json"), of("example.com/mono/a", "example.com/mono/a/x", "list", "TestList", 1))
	other := save(t, filepath.Join(folder, "other.json"), of("example.com/mono/a", "example.com/mono/a/x", "list", "TestList", 3))
	all, err := collect.Files(t.Context(), []string{a, b, same})
	if err != nil || all.Name != "example.com/mono" || len(all.Rows) != 2 || len(all.Scenarios) != 2 {
		t.Errorf("%v: %+v", err, all)
	}
	if _, err := collect.Files(t.Context(), []string{a, other}); err == nil || !strings.Contains(err.Error(), "a.json and ") || !strings.Contains(err.Error(), "other counts") {
		t.Errorf("other counts: %v", err)
	}
}

// TestGone has tests that are there, that are not, and that have measured under another name.
func TestGone(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	const pkg = "example.com/shop/"
	for scenario, test := range map[string]string{"kept": "TestKept", "renamed": "TestRenamed/one", "removed": "TestRemoved", "spec": "Orders are kept", "labeled": "TestRenamed/one", "unknown": ""} {
		f := of("example.com/shop", pkg+scenario, scenario, test, 1)
		if scenario == "labeled" {
			f.Scenarios[0].Label = "large"
			f.Scenarios[0].Version = pkg + "renamed"
		}
		save(t, filepath.Join(root, scenario, "testdata", "fanout", scenario+".json"), f)
		source := "package " + scenario + "\n\nfunc TestKept(t *testing.T) {}\n\nfunc TestRenamed(t *testing.T) {}\n"
		if err := os.WriteFile(filepath.Join(root, scenario, "a_test.go"), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := collect.FindBeside(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	measured := of("example.com/shop", pkg+"renamed", "new", "TestRenamed/one", 1)
	measured.Scenarios[0].Baseline = "renamed/testdata/fanout/new.json"
	if found.Gone("renamed/testdata/fanout/renamed.json", measured) {
		t.Error("what a test has not come to is gone")
	}
	measured.Scenarios[0].Finished = true
	if left := found.Leftover(measured); len(left) != 6 {
		t.Errorf("leftover: %q", left)
	}
	for scenario, want := range map[string]bool{"kept": false, "renamed": true, "removed": true, "spec": false, "labeled": false, "unknown": false} {
		if got := found.Gone(scenario+"/testdata/fanout/"+scenario+".json", measured); got != want {
			t.Errorf("%s is gone: %v", scenario, got)
		}
	}
}

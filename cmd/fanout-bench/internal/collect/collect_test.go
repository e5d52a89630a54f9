package collect_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// of returns the results of a package's tests for a scenario.
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

// TestFiles merges files of two modules, one of them given twice.
func TestFiles(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a[1]")
	a := save(t, filepath.Join(folder, "a.json"), of("example.com/mono/a", "example.com/mono/a/x", "list", "TestList", 1))
	b := save(t, filepath.Join(folder, "b.json"), of("example.com/mono/b", "example.com/mono/b", "list", "TestList", 2))
	same := save(t, filepath.Join(folder, "same.json"), of("example.com/mono/a", "example.com/mono/a/x", "list", "TestList", 1))
	other := save(t, filepath.Join(folder, "other.json"), of("example.com/mono/a", "example.com/mono/a/x", "list", "TestList", 3))
	all, err := collect.Files(t.Context(), []string{a, b, same})
	if err != nil || all.Name != "example.com/mono" || len(all.Rows) != 2 || len(all.Scenarios) != 2 {
		t.Errorf("%v: %+v", err, all)
	}
	if _, err := collect.Files(t.Context(), []string{folder}); err == nil || strings.Contains(err.Error(), "no results") {
		t.Errorf("of the folder: %v", err)
	}
	if _, err := collect.Files(t.Context(), []string{a, other}); err == nil || !strings.Contains(err.Error(), "a.json and ") || !strings.Contains(err.Error(), "different counts") {
		t.Errorf("other counts: %v", err)
	}
}

// TestFilesReportADifferenceOnce merges two scenarios that differ at several N.
func TestFilesReportADifferenceOnce(t *testing.T) {
	folder := t.TempDir()
	var names []string
	for i, name := range []string{"a.json", "b.json"} {
		f := report.File{Subject: report.Subject{Name: "example.com/shop"}}
		for _, scenario := range []string{"list", "place"} {
			for n := 1; n <= 3; n++ {
				f.Rows = append(f.Rows, reporttest.Cell("example.com/shop", scenario, n, "ok", 1+i*(n/2), 0))
			}
		}
		names = append(names, save(t, filepath.Join(folder, name), f))
	}
	_, err := collect.Files(t.Context(), names)
	if err == nil || strings.Count(err.Error(), "\n") != 1 || strings.Count(err.Error(), " at N=2, 3; repeated measurements") != 2 {
		t.Errorf("got %v", err)
	}
}

// TestFilesPreferTheSuccessfulTry merges tries of one scenario in each order.
func TestFilesPreferTheSuccessfulTry(t *testing.T) {
	const pkg = "example.com/shop"
	at := func(n int, failure string) report.File {
		f := of(pkg, pkg, "list", "TestList", n)
		f.Rows[0].Failure = failure
		f.FirstRuns = []report.FirstRun{{Cell: scenarios.Cell{Scenario: "list", N: 1, Version: pkg}, SQL: n + 1}}
		return f
	}
	unmeasured := of(pkg, pkg, "list", "TestList", 1)
	unmeasured.Rows, unmeasured.Scenarios[0].Unmeasured = nil, "disk full"
	over := at(9, "")
	most := 5
	over.Budgets = []report.Budget{{Scenario: "list", Version: pkg, Metric: tracer.SQL, Max: &most, Reason: "stated in the test"}}
	folder := t.TempDir()
	names := map[string]string{}
	for name, f := range map[string]report.File{"good": at(1, ""), "failed": at(2, "no such order"), "again": at(2, "no such item"), "over": over, "unmeasured": unmeasured} {
		names[name] = save(t, filepath.Join(folder, name+".json"), f)
	}
	for _, c := range []struct {
		tries []string
		sql   int
	}{
		{[]string{"good", "failed"}, 1}, {[]string{"good", "over", "unmeasured"}, 1}, {[]string{"good", "good"}, 1},
		{[]string{"failed", "again", "good"}, 1}, {[]string{"unmeasured", "unmeasured", "good"}, 1}, {[]string{"failed", "good", "again"}, 1},
		{[]string{"failed", "unmeasured"}, 2}, {[]string{"failed", "again"}, 2}, {[]string{"over", "unmeasured"}, 9}, {[]string{"unmeasured", "unmeasured"}, 0},
	} {
		for range 2 {
			var files []string
			for _, name := range c.tries {
				files = append(files, names[name])
			}
			all, err := collect.Files(t.Context(), files)
			if err != nil || len(all.Scenarios) != 1 || (c.sql == 0) != (all.Scenarios[0].Unmeasured != "") || c.sql > 0 &&
				(len(all.Rows) != 1 || all.Rows[0].SQL != c.sql || len(all.FirstRuns) != 1 || all.FirstRuns[0].SQL != c.sql+1 || (c.sql == 9) != (len(all.Budgets) == 1)) {
				t.Errorf("%q: %v: got %+v", c.tries, err, all)
			}
			slices.Reverse(c.tries)
		}
	}
	if _, err := collect.Files(t.Context(), []string{names["failed"], names["over"]}); err == nil {
		t.Error("two failed tries with different counts were merged")
	}
}

// TestGone uses tests that exist, that are removed, and that measured another name.
func TestGone(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a[1]")
	if err := os.Mkdir(root, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(link)
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
	if gone, _ := found.Leftover(measured, false); slices.Contains(gone, "renamed/testdata/fanout/renamed.json") {
		t.Error("a scenario that its test has not reached is gone")
	}
	measured.Scenarios[0].Finished = true
	gone, unknown := found.Leftover(measured, false)
	if left := len(gone) + len(unknown); left != 6 {
		t.Errorf("%d are left over", left)
	}
	if gone, unknown := found.Leftover(measured, true); len(gone) != 6 || len(unknown) != 0 {
		t.Errorf("of complete results %d are gone and %d unknown, want all 6 gone", len(gone), len(unknown))
	}
	for scenario, want := range map[string]bool{"kept": false, "renamed": true, "removed": true, "spec": false, "labeled": false, "unknown": false} {
		if got := slices.Contains(gone, scenario+"/testdata/fanout/"+scenario+".json"); got != want {
			t.Errorf("%s is gone: %v", scenario, got)
		}
	}
}

// TestGoneByCase renames a scenario only in case, where both names are one file.
func TestGoneByCase(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	f := of("example.com/shop", "example.com/shop/orders", "list", "TestList", 1)
	file := save(t, filepath.Join(root, "orders", "testdata", "fanout", "list.json"), f)
	if err := os.Link(file, filepath.Join(filepath.Dir(file), "List.json")); err != nil {
		t.Fatal(err)
	}
	found, err := collect.FindBeside(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	measured := of("example.com/shop", "example.com/shop/orders", "List", "TestList", 1)
	measured.Scenarios[0].Baseline, measured.Scenarios[0].Finished = "orders/testdata/fanout/List.json", true
	if gone, unknown := found.Leftover(measured, true); len(gone)+len(unknown) > 0 {
		t.Errorf("%q are gone, %q unknown", gone, unknown)
	}
}

// TestRun runs a command in another folder, which is also that of the environment.
func TestRun(t *testing.T) {
	t.Setenv("GIT_INDEX_FILE", "index")
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	output, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	if err := collect.Run(t.Context(), output, folder, nil, []string{"env"}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(output.Name())
	if environ := strings.Split(string(text), "\n"); err != nil || !slices.Contains(environ, "PWD="+folder) || slices.Contains(environ, "GIT_INDEX_FILE=index") {
		t.Errorf("the environment is %q, %v", environ, err)
	}
}

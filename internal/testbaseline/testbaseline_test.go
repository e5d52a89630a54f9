package testbaseline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestFileNames checks that no two scenarios share a file.
func TestFileNames(t *testing.T) {
	taken := map[string][]string{}
	for _, texts := range [][]string{
		{"list"}, {"a/b"}, {"a-b"}, {"../x"}, {".hidden"}, {""}, {strings.Repeat("x", 200)}, {strings.Repeat("x", 201)},
		{"user", "admin-list"}, {"user-admin", "list"}, {"user-admin-list"}, {"user", "admin", "list"},
	} {
		name := testbaseline.FileName(texts...)
		if other, ok := taken[name]; ok {
			t.Errorf("%q and %q are both %s", texts, other, name)
		}
		if !filepath.IsLocal(name) || strings.ContainsAny(name, `/\`) || len(name) > 120 || name[0] == '.' {
			t.Errorf("%q is %q", texts, name)
		}
		taken[name] = texts
	}
	if got := testbaseline.FileName("list"); got != "list" {
		t.Errorf("list is %q", got)
	}
}

func TestRoot(t *testing.T) {
	base := t.TempDir()
	deep := filepath.Join(base, "repo", "module", "pkg")
	must.Succeed(t, os.MkdirAll(deep, 0o700))
	// Each mark takes precedence over those before it.
	for _, mark := range []string{filepath.Join("repo", "module", "go.mod"), filepath.Join("repo", "go.work"), ".git"} {
		must.Succeed(t, os.WriteFile(filepath.Join(base, mark), nil, 0o600))
		if got, want := testbaseline.Root(deep), filepath.Join(base, filepath.Dir(mark)); got != want {
			t.Errorf("with %s: %s, want %s", mark, got, want)
		}
	}
}

// TestOfLimits has a scenario without limits, and one of the same name in another package.
func TestOfLimits(t *testing.T) {
	perN, most := 1, 4
	measured := reporttest.Rows(
		reporttest.Cell("a", "list", 1, "ok", 2, 0), reporttest.Cell("a", "list", 4, "ok", 9, 0),
		reporttest.Cell("b", "list", 1, "ok", 3, 0), reporttest.Cell("b", "list", 4, "ok", 5, 0), reporttest.Cell("a", "free", 1, "ok", 7, 0),
	)
	measured.Budgets = []report.Budget{
		{Scenario: "list", Version: "a", Metric: tracer.SQL, PerN: &perN, Reason: "test"},
		{Scenario: "list", Version: "b", Metric: tracer.SQL, Max: &most, Reason: "test"},
	}
	baseline := testbaseline.OfLimits(measured)
	var got []string
	for _, f := range report.Judge(baseline, measured, report.CostMetrics()).Findings {
		got = append(got, string(f.Verdict)+" "+f.Version+" "+f.Scenario)
	}
	if want := "worse a list, worse b list, new a free"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}

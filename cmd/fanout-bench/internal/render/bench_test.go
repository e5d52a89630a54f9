package render_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/golden"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/ci"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
)

// TestBenchstat compares two saved results with benchstat. One measurement is enough, because counts
// are declared exact.
func TestBenchstat(t *testing.T) {
	write := func(name string, rows report.File) string {
		text := ci.Benchmarks(rows)
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	run := func(args ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"tool", "benchstat"}, args...)...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		// Whatever it has to say against its input, it says there, and exits with 0.
		if err != nil || strings.Contains(stderr.String(), "benchstat:") || strings.Contains(stderr.String(), "error") {
			t.Fatalf("benchstat: %v\n%s", err, &stderr)
		}
		return out
	}
	versions := run("-col", "version", "-ignore", "path", "-filter", ".unit:(sql/op OR rbac/op)", write("both.txt", reporttest.Saved()))
	golden.Check(t, "benchstat.txt", versions)

	old, now := reporttest.Of(reporttest.Saved(), "v1"), reporttest.Of(reporttest.Saved(), "v2")
	for i := range now.Rows {
		now.Rows[i].Version = "v1"
	}
	files := string(run(write("old.txt", old), write("new.txt", now)))
	if !regexp.MustCompile(`scenario=agents/n=16/outcome=200 +3\.000 ± 0% +33\.000 ± 0% +\+1000\.00% \(n=1\)`).MatchString(files) {
		t.Errorf("it shows\n%s", files)
	}
}

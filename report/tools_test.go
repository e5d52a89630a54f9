package report_test

import (
	"os"
	"os/exec"
	"testing"
)

// tool returns where one of the programs that names lists is. Where there is none,
// it skips the test: the reports are held against parsers too, and who changes
// something else needs no browser. CI sets FANOUT_BENCH_TOOLS=required, and there
// nothing is skipped.
func tool(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("FANOUT_BENCH_TOOLS") == "required" {
		t.Fatalf("none of %q is installed", names)
	}
	t.Skipf("none of %q is installed", names)
	return ""
}

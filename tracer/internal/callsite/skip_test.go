package callsite

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestStandardIsComplete(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range strings.Lines(string(out)) {
		first, _, _ := strings.Cut(strings.TrimSpace(pkg), "/")
		if !slices.Contains(standard, first) {
			t.Errorf("%s is missing", first)
		}
	}
}

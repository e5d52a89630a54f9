package imports_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
)

// TestEachDependencyHasItsReason compares docs/dependencies.md with every go.mod.
func TestEachDependencyHasItsReason(t *testing.T) {
	examples, err := filepath.Glob("../../examples/*/go.mod")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	var required []string
	for _, file := range append(examples, "../../go.mod", "../../cmd/fanout-bench/go.mod", "../../internal/bench/go.mod", "../../internal/sqldrivers/go.mod") {
		required = append(required, direct(t, file)...)
	}
	text, err := os.ReadFile("../../docs/dependencies.md")
	must.Succeed(t, err)
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| `.*?\\|").FindAll(text, -1) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllSubmatch(row, -1) {
			listed = append(listed, string(m[1]))
		}
	}
	slices.Sort(listed)
	slices.Sort(required)
	if required = slices.Compact(required); !slices.Equal(listed, required) {
		t.Errorf("docs/dependencies.md lists\n%q, the modules require\n%q", listed, required)
	}
}

// direct returns the other modules that a go.mod requires directly.
func direct(t *testing.T, file string) []string {
	t.Helper()
	// Open go.mod so that a change invalidates the cached test result.
	if _, err := os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json", file).Output()
	must.Succeed(t, err)
	var module struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	must.Succeed(t, json.Unmarshal(output, &module))
	var paths []string
	for _, r := range module.Require {
		if !r.Indirect && r.Path != "github.com/fanout-bench/fanout-bench" {
			paths = append(paths, r.Path)
		}
	}
	return paths
}

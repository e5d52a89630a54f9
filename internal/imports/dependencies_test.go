package imports_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
)

// TestEachDependencyHasItsReason holds docs/dependencies.md against go.mod.
func TestEachDependencyHasItsReason(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(output, &file); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed, required []string
	for _, row := range regexp.MustCompile("(?m)^\\| `.*?\\|").FindAll(text, -1) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllSubmatch(row, -1) {
			listed = append(listed, string(m[1]))
		}
	}
	for _, r := range file.Require {
		if !r.Indirect {
			required = append(required, r.Path)
		}
	}
	slices.Sort(listed)
	slices.Sort(required)
	if !slices.Equal(listed, required) {
		t.Errorf("docs/dependencies.md lists\n%q, go.mod requires\n%q", listed, required)
	}
}

package tracer_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Applications link this package into what they measure, so it has few dependencies and no test
// code.
func TestImportsStaySmall(t *testing.T) {
	const self = "github.com/fanout-bench/fanout-bench"
	allowed := []string{
		self,
		"github.com/jackc/pgpassfile",
		"github.com/jackc/pgservicefile",
		"github.com/jackc/pgx/v5",
		"github.com/jackc/puddle/v2",
		"golang.org/x/sync",
		"golang.org/x/text",
	}
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}", ".")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v", command, err)
	}
	listed := 0
	for line := range strings.Lines(string(out)) {
		path, module, _ := strings.Cut(strings.TrimSpace(line), " ")
		listed++
		if module != "" && !slices.Contains(allowed, module) {
			t.Errorf("tracer depends on %s of module %s", path, module)
		}
		switch {
		case path == "testing", strings.HasPrefix(path, "testing/"):
			t.Errorf("tracer depends on %s", path)
		case module == self && path != self+"/internal/backends" && path != self+"/internal/beside" && path != self+"/tracer" && !strings.HasPrefix(path, self+"/tracer/internal/"):
			t.Errorf("tracer depends on %s, and is a leaf", path)
		}
	}
	if listed < 10 {
		t.Errorf("%v listed %d packages:\n%s", command, listed, out)
	}
}

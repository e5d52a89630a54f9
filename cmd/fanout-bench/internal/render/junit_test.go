package render_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestJUnitSchema validates what TestJUnit holds the renderer to.
func TestJUnitSchema(t *testing.T) {
	files, err := filepath.Glob("testdata/junit-*.xml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files (%v)", len(files), err)
	}
	args := append([]string{"--noout", "--schema", "testdata/junit.xsd"}, files...)
	out, err := exec.CommandContext(t.Context(), tool(t, "xmllint"), args...).CombinedOutput()
	if err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
}

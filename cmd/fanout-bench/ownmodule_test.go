package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOtherLibrary(t *testing.T) {
	const older = "NOTE go.mod requires fanout-bench v0.1.0, and this command is v0.2.0; use one release: go get github.com/fanout-bench/fanout-bench@v0.2.0"
	for _, c := range []struct{ goMod, command, want string }{
		{"require github.com/fanout-bench/fanout-bench v0.1.0", "v0.2.0", older},
		{"go 1.25\nrequire (\n\tgithub.com/fanout-bench/fanout-bench v0.1.0 // indirect\n)", "v0.2.0", older},
		{"require github.com/fanout-bench/fanout-bench v0.2.0", "v0.2.0", ""},
		{"require github.com/fanout-bench/fanout-bench v0.1.1-0.20260101000000-abcdefabcdef", "v0.2.0", ""},
		{"require github.com/fanout-bench/fanout-bench v0.1.0", "", ""}, // built from a working tree
		{"require github.com/fanout-bench/fanout-bench v0.1.0\nreplace github.com/fanout-bench/fanout-bench => ../fork", "v0.2.0", ""},
		{"require example.com/other v0.1.0", "v0.2.0", ""},
		{"", "v0.2.0", ""},
		{"require (", "v0.2.0", ""},
	} {
		if got := otherLibrary([]byte(c.goMod), c.command); got != c.want {
			t.Errorf("%q: %q, want %q", c.goMod, got, c.want)
		}
	}
}

// TestLeavesTree has replacements that a copy of the repository lacks, and others.
func TestLeavesTree(t *testing.T) {
	for replace, want := range map[string]string{
		"../lib":                  "go.mod replaces example.com/lib by ../lib, outside of the repository",
		"../../elsewhere":         "go.mod replaces example.com/lib by ../../elsewhere, outside",
		"./lib":                   "",
		"/absolute/lib":           "",
		"example.com/fork v1.0.0": "",
		"../repository/lib":       "go.mod replaces",
	} {
		tree := filepath.Join(t.TempDir(), "copy")
		if err := os.MkdirAll(filepath.Join(tree, "orders"), 0o700); err != nil {
			t.Fatal(err)
		}
		text := "module example.com/shop\n\nrequire example.com/lib v1.0.0\n\nreplace example.com/lib => " + replace + "\n"
		if err := os.WriteFile(filepath.Join(tree, "go.mod"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := leavesTree(tree, filepath.Join(tree, "orders")); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: got %q, want %q", replace, got, want)
		}
	}
	if got := leavesTree(t.TempDir(), t.TempDir()); got != "" {
		t.Errorf("without a go.mod: %q", got)
	}
}

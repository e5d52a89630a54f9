package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/long"
)

// TestLongReadme runs the marked commands of the quickstart and the README, one after the other, in
// a copy of the example without a baseline.
func TestLongReadme(t *testing.T) {
	long.Test(t)
	t.Parallel()
	var blocks [][][]byte
	for _, page := range []string{"../../docs/quickstart.md", "../../README.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		marked := regexp.MustCompile("(?s)<!-- executed in examples/orders by TestLongReadme -->\n```\n(.*?)```\n").FindAllSubmatch(text, -1)
		if len(marked) == 0 {
			t.Fatalf("%s has no block that is marked", page)
		}
		blocks = append(blocks, marked...)
	}
	folder := copyOfExample(t)
	bin := commandInPath(t, "2>/dev/null")
	for _, block := range blocks {
		for _, part := range strings.Split("\n"+string(block[1]), "\n$ ")[1:] {
			line, want, _ := strings.Cut(part, "\n")
			command := exec.CommandContext(t.Context(), "sh", "-c", line)
			command.Dir = folder
			command.Env = append(os.Environ(), "FANOUT_REQUIRE_DB=1", "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
			output, _ := command.CombinedOutput()
			if got, want := withoutTimes(string(output)), strings.TrimSpace(want); got != want {
				t.Errorf("$ %s\n got %s\nwant %s", line, got, want)
			}
		}
	}
}

// commandInPath returns a folder with the command, whose output is redirected.
func commandInPath(t *testing.T, redirected string) string {
	t.Helper()
	bin := t.TempDir()
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\n" + asCommand + "=1 exec '" + self + "' \"$@\" " + redirected + "\n"
	if err := os.WriteFile(filepath.Join(bin, "fanout-bench"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return bin
}

// withoutTimes removes what differs between runs of go test, and trailing blanks.
func withoutTimes(output string) string {
	for _, r := range []struct{ pattern, by string }{
		{` \(\d+\.\d+s\)`, ""},
		{`(?m)^    orders_test.go:\d+: `, "    "},
		{`(?m)^(ok|FAIL)\s+example.com/orders.*$`, "$1 example.com/orders"},
		{`(?m)^exit status 1\n`, ""},
		{`(?m)[ \t]+$`, ""},
	} {
		output = regexp.MustCompile(r.pattern).ReplaceAllString(output, r.by)
	}
	return strings.TrimSpace(output)
}

// copyOfExample returns a folder with the example service without its baseline.
func copyOfExample(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum", "orders.go", "orders_test.go", "schema.sql"} {
		text, err := os.ReadFile(filepath.Join(root, "examples", "orders", name))
		if err != nil {
			t.Fatal(err)
		}
		text = []byte(strings.Replace(string(text), "=> ../..", "=> "+root, 1))
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

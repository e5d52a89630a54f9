package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/fanout-bench/fanout-bench/internal/golden"
)

// TestMutants has a module of its own for the mutants to live in.
func TestMutants(t *testing.T) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "example.txt"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	before := read(t, dir)
	var b bytes.Buffer
	t.Run("in its folder", func(t *testing.T) {
		t.Chdir(dir)
		err = run(t.Context(), []string{"-least", "60", "calc/calc.go", "calc/half.go"}, &b)
	})
	if want := `tests notice less than 60 % of the mutants of ["calc/calc.go"]`; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	golden.Check(t, "example-output.txt", b.Bytes())
	if after := read(t, dir); after != before {
		t.Errorf("files before\n%s\nand after\n%s", before, after)
	}
}

// read returns all files of dir.
func read(t *testing.T, dir string) string {
	t.Helper()
	var text strings.Builder
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		text.WriteString(name + "\n" + string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestMutantsThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct{ code, test, mentions string }{
		"no Go":            {"package p\nfunc", "package p", "expected 'IDENT'"},
		"no test passes":   {"package p\nfunc F() {}", "package p\nimport \"testing\"\nfunc TestF(t *testing.T) { t.Error(\"it says no\") }", "it says no"},
		"does not compile": {"package p\nfunc F() { g() }", "package p", "undefined: g"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for file, text := range map[string]string{"go.mod": "module p\ngo 1.26\n", "p.go": test.code, "p_test.go": test.test} {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := run(t.Context(), []string{"p.go"}, &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), test.mentions) {
				t.Errorf("got error %v, want one that mentions %q", err, test.mentions)
			}
		})
	}
}

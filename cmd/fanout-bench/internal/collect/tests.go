package collect

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
)

// Tests has the names of test functions by folder.
type Tests map[string][]string

// FindTests returns the tests in the source tree root, by folder relative to it.
func FindTests(root string) Tests {
	tests := Tests{}
	// What cannot be read has no tests.
	_ = fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			tests[name], _ = testsIn(filepath.Join(root, filepath.FromSlash(name)))
		}
		return nil
	})
	return tests
}

// Has reports whether there may be the test of s, which has a baseline.
func (t Tests) Has(s report.Scenario) bool {
	tests := t[path.Dir(path.Dir(path.Dir(s.Baseline)))]
	return len(tests) > 0 && mayHave(tests, s.Test)
}

// hasTest reports whether a folder may have a test of that name.
func hasTest(folder, test string) bool {
	tests, err := testsIn(folder)
	return err != nil || mayHave(tests, test)
}

// mayHave reports whether test is one of tests or a part of one, or its name is of a test framework.
func mayHave(tests []string, test string) bool {
	function, _, _ := strings.Cut(test, "/")
	return !strings.HasPrefix(function, "Test") || strings.ContainsAny(function, " \t") || slices.Contains(tests, function)
}

var testFunction = regexp.MustCompile(`(?m)^func (Test[\pL\pN_]*)\(`)

func testsIn(folder string) (tests []string, err error) {
	files, err := FilesIn(folder, "_test.go")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, found := range testFunction.FindAllSubmatch(text, -1) {
			tests = append(tests, string(found[1]))
		}
	}
	return tests, nil
}

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

// FindTests reads the tests in the source tree root. It returns whether there may be the test of a
// scenario that has a baseline.
func FindTests(root string) func(report.Scenario) bool {
	tests := map[string][]string{} // by folder relative to root
	// What cannot be read has no tests.
	_ = fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			tests[name], _ = testsIn(filepath.Join(root, filepath.FromSlash(name)))
		}
		return nil
	})
	return func(s report.Scenario) bool {
		within := tests[path.Dir(path.Dir(path.Dir(s.Baseline)))]
		return len(within) > 0 && mayHave(within, s.Test)
	}
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

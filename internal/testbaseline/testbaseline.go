// Package testbaseline knows where the baselines of tests are: beside them, a file for each
// scenario.
package testbaseline

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
)

// Folder is where they are, in the folder of a package.
var Folder = filepath.Join("testdata", "fanout")

// Finished is how the names of files end that say of a test that it ran to its end: its package
// and its name, on a line each.
const Finished = ".finished"

// Path returns where that of a scenario is, in the folder of its package.
func Path(scenario string) string { return filepath.Join(Folder, FileName(scenario)+".json") }

// FileName makes the name of a file of texts, and another one of other texts.
func FileName(texts ...string) string {
	text := strings.Join(texts, "-")
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}, text)
	if len(texts) == 1 && plain == text && plain != "" && len(plain) <= 100 && !strings.HasPrefix(plain, ".") {
		return plain
	}
	sum := fnv.New32a()
	sum.Write([]byte(strings.Join(texts, "\x00")))
	return fmt.Sprintf("%.100s-%08x", strings.TrimLeft(plain, "."), sum.Sum32())
}

// Root returns the folder that files of a repository are named from, which dir is in: that
// of the repository, else of the workspace, else of the module, else dir itself. It is the
// same for a test and for what collects from it.
func Root(dir string) string {
	for _, mark := range []string{".git", "go.work", "go.mod"} {
		for at := dir; ; at = filepath.Dir(at) {
			if _, err := os.Stat(filepath.Join(at, mark)); err == nil {
				return at
			}
			if at == filepath.Dir(at) {
				break
			}
		}
	}
	return dir
}

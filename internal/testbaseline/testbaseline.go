// Package testbaseline defines where the baselines of tests are: beside them, one file for each
// scenario.
package testbaseline

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
)

// Folder is the folder of baselines in the folder of a package.
var Folder = filepath.Join("testdata", "fanout")

// Finished is the suffix of files that record a finished test: its package and its name, on one
// line each.
const Finished = ".finished"

// Path returns the path of a scenario's baseline, relative to its package.
func Path(scenario string) string { return filepath.Join(Folder, FileName(scenario)+".json") }

// FileName returns a file name that is unique for texts.
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

// Root returns the folder to which file names are relative, from a folder dir in it: the
// repository, or else the workspace, the module, or dir itself. It is the same for a test and the
// collecting command.
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

// Package testbaseline defines where the baselines of tests are: beside them, one file for each
// scenario.
package testbaseline

import (
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/report"
)

// Folder is the folder of baselines in the folder of a package.
var Folder = filepath.Join("testdata", "fanout")

// CheckLimits returns an error if f limits a scenario that it does not have.
func CheckLimits(f report.File) error {
	for _, b := range f.Budgets {
		if !slices.ContainsFunc(f.Rows, func(r report.Row) bool {
			return r.Scenario == b.Scenario && (b.Version == "" || b.Version == r.Version)
		}) {
			return fmt.Errorf("it limits scenario %q, which it does not have; correct or remove the limit", b.Scenario)
		}
	}
	return nil
}

// CheckName returns an error if f, the file of that name, is a copy of the baseline of a scenario.
func CheckName(f report.File, name string) error {
	for _, row := range f.Rows {
		if want := FileName(row.Scenario) + ".json"; want != name {
			return fmt.Errorf("it is of scenario %q, whose file is %s; remove or rename it", row.Scenario, want)
		}
	}
	return nil
}

// Replaceable reports whether err says that a file cannot be used and has nothing to keep.
func Replaceable(err error) bool {
	var unusable *report.FileError
	return errors.As(err, &unusable) && !errors.Is(err, jsonfile.ErrKept)
}

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
		if at := With(dir, mark); at != "" {
			return at
		}
	}
	return dir
}

// With returns dir or the nearest folder above it that has a file of that name, or "".
func With(dir, name string) string {
	return Above(dir, func(folder string) bool {
		_, err := os.Stat(filepath.Join(folder, name))
		return err == nil
	})
}

// Above returns dir or the nearest folder above it that is meant, or "".
func Above(dir string, is func(folder string) bool) string {
	for ; !is(dir); dir = filepath.Dir(dir) {
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
	return dir
}

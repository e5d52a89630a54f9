package imports

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
)

// knots lists the packages with import cycles between files. Do not add any: code that needs each
// other is one idea and belongs in one file.
var knots = []string{
	"tracer", // one state machine
}

// TestFilesNeedEachOtherOneWay checks files of a package like the import test checks packages.
func TestFilesNeedEachOtherOneWay(t *testing.T) {
	touchSources(t)
	exports, _ := compiled(t)
	for decoder := json.NewDecoder(goList(t, "-json=ImportPath,Dir,GoFiles")); ; {
		var pkg struct {
			ImportPath, Dir string
			GoFiles         []string
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(pkg.ImportPath, module)
		if slices.Contains(knots, name) || len(pkg.GoFiles) < 2 {
			continue
		}
		needs := needed(t, exports, pkg.ImportPath, pkg.Dir, pkg.GoFiles)
		if cycle := cycleIn(needs); cycle != nil {
			t.Errorf("%s: files need each other: %s; move a declaration to where it is used", name, strings.Join(cycle, " → "))
		}
	}
}

// needed returns for each file of a package the files whose declarations it uses.
func needed(t *testing.T, exports map[string]string, path, folder string, names []string) map[string]map[string]bool {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(files, filepath.Join(folder, name), nil, parser.SkipObjectResolution)
		must.Succeed(t, err)
		parsed = append(parsed, file)
	}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	checked, err := config.Check(path, files, parsed, &info)
	must.Succeed(t, err)
	needs := map[string]map[string]bool{}
	for use, object := range info.Uses {
		if object.Pkg() != checked {
			continue
		}
		from, to := filepath.Base(files.Position(use.Pos()).Filename), filepath.Base(files.Position(object.Pos()).Filename)
		if _, imported := object.(*types.PkgName); imported || from == to {
			continue
		}
		if needs[from] == nil {
			needs[from] = map[string]bool{}
		}
		needs[from][to] = true
	}
	return needs
}

// cycleIn returns files that form a cycle, or nil.
func cycleIn(needs map[string]map[string]bool) []string {
	done := map[string]bool{}
	var way []string
	var visit func(file string) []string
	visit = func(file string) []string {
		if i := slices.Index(way, file); i >= 0 {
			return append(slices.Clone(way[i:]), file)
		}
		if done[file] {
			return nil
		}
		way = append(way, file)
		for _, next := range slices.Sorted(maps.Keys(needs[file])) {
			if cycle := visit(next); cycle != nil {
				return cycle
			}
		}
		way = way[:len(way)-1]
		done[file] = true
		return nil
	}
	for _, file := range slices.Sorted(maps.Keys(needs)) {
		if cycle := visit(file); cycle != nil {
			return cycle
		}
	}
	return nil
}

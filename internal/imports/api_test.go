package imports

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
)

var update = flag.Bool("update", false, "write the list of what the module exports")

// TestAPI compares the exported API with testdata/api.txt, so that review shows every change.
func TestAPI(t *testing.T) {
	const file = "testdata/api.txt"
	touchSources(t)
	exports, public := compiled(t)
	from := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	var b strings.Builder
	for _, path := range public {
		pkg, err := from.Import(path)
		must.Succeed(t, err)
		describe(&b, pkg)
	}
	exported := b.String()
	if *update {
		must.Succeed(t, os.WriteFile(file, []byte(exported), 0o644))
	}
	text, err := os.ReadFile(file)
	must.Succeed(t, err)
	listed := string(text)
	if listed == exported {
		return
	}
	// A text diff would show only pieces of long lines.
	for _, line := range without(listed, exported) {
		t.Errorf("in the file, but not exported: %s", line)
	}
	for _, line := range without(exported, listed) {
		t.Errorf("exported, but not in the file: %s", line)
	}
	t.Errorf("%s differs from the exported API; if the change is intended, run 'make api' and commit the file, see docs/releasing.md", file)
}

// without returns the lines of text that are not in other.
func without(text, other string) []string {
	known := strings.Split(other, "\n")
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return slices.Contains(known, line) })
}

// compiled returns the export data of each package, and the module's importable packages.
func compiled(t *testing.T) (exports map[string]string, public []string) {
	t.Helper()
	exports = make(map[string]string)
	for decoder := json.NewDecoder(goList(t, "-export", "-deps", "-json=ImportPath,Name,Export")); ; {
		var pkg struct{ ImportPath, Name, Export string }
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			slices.Sort(public)
			return exports, public
		} else if err != nil {
			t.Fatal(err)
		}
		exports[pkg.ImportPath] = pkg.Export
		if name, ours := strings.CutPrefix(pkg.ImportPath, module); ours && pkg.Name != "main" && !strings.Contains("/"+name, "/internal/") {
			public = append(public, pkg.ImportPath)
		}
	}
}

// describe writes a line for each exported symbol of pkg, sorted by name. Fields keep the order of
// their struct, which matters to literals without field names.
func describe(w io.Writer, pkg *types.Package) {
	line := func(format string, args ...any) {
		fmt.Fprintf(w, strings.TrimPrefix(pkg.Path(), module)+": "+format+"\n", args...)
	}
	local := func(other *types.Package) string {
		if other == pkg {
			return ""
		}
		return other.Name()
	}
	line("package %s", pkg.Name())
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		declared, ok := object.(*types.TypeName)
		if !ok {
			text := types.ObjectString(object, local)
			if constant, ok := object.(*types.Const); ok {
				text += " = " + constant.Val().ExactString()
			}
			line("%s", text)
			continue
		}
		describeType(line, declared, local)
	}
}

func describeType(line func(format string, args ...any), declared *types.TypeName, local types.Qualifier) {
	name := declared.Name()
	switch under := declared.Type().Underlying().(type) {
	case *types.Struct:
		line("type %s struct", name)
		hidden := false
		for field := range under.Fields() {
			hidden = hidden || !field.Exported()
		}
		for i := range under.NumFields() {
			field, tag := under.Field(i), under.Tag(i)
			if tag != "" {
				tag = " `" + tag + "`"
			}
			switch text := types.TypeString(field.Type(), local); {
			case !field.Exported():
			case field.Embedded():
				line("type %s struct, %s embedded%s", name, text, tag)
			default:
				line("type %s struct, %s %s%s", name, field.Name(), text, tag)
			}
		}
		if hidden {
			line("type %s struct, unexported fields", name)
		}
	case *types.Interface:
		line("type %s interface", name)
		for method := range under.Methods() {
			signature := types.TypeString(method.Type(), local)
			line("type %s interface, %s%s", name, method.Name(), strings.TrimPrefix(signature, "func"))
		}
	default:
		line("%s", types.ObjectString(declared, local))
	}
	named, ok := declared.Type().(*types.Named)
	if !ok {
		return
	}
	methods := slices.SortedFunc(named.Methods(), func(a, b *types.Func) int { return strings.Compare(a.Name(), b.Name()) })
	for _, method := range methods {
		if method.Exported() {
			line("%s", types.ObjectString(method, local))
		}
	}
}

package callsite

import (
	"cmp"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

const (
	module       = "github.com/fanout-bench/fanout-bench"
	pgxModule    = "github.com/jackc/pgx/v5"
	puddleModule = "github.com/jackc/puddle"
)

// A Program maps source files to import paths, so that results contain no folders of a machine.
type Program struct {
	module   string // path of the main module, or of the one around it; "" if unknown
	main     string // import path of package main
	standard string // folder of the standard library
	home     string // folder of the main module; "" until learned
	roots    []root
}

// A root is a folder with a known import path.
type root struct{ dir, path string }

// ThisProgram returns the running program.
var ThisProgram = sync.OnceValue(func() Program {
	p := programOf(debug.ReadBuildInfo())
	p.standard = path.Dir(sourceDir(runtime.GC))
	p.roots = []root{
		{strings.TrimSuffix(sourceDir(sourceDir), "/tracer/internal/callsite"), module},
		{sourceDir(pgx.Connect), pgxModule},
	}
	return p
})

func programOf(info *debug.BuildInfo, ok bool) Program {
	if !ok {
		return Program{main: "main"}
	}
	return Program{
		module: outermost(info),
		main:   cmp.Or(strings.TrimSuffix(info.Path, ".test"), "main"),
	}
}

// outermost returns the path of the main module, or of the dependency that contains it: if a
// repository has several modules, files are relative to its root.
func outermost(info *debug.BuildInfo) string {
	outer := info.Main.Path
	for _, dep := range info.Deps {
		if rest, ok := within(dep.Path, info.Main.Path); ok && len(dep.Path) < len(outer) && !majorVersion.MatchString(rest) {
			outer = dep.Path
		}
	}
	return outer
}

// majorVersion matches a version in a module path, which is not a folder.
var majorVersion = regexp.MustCompile(`^v[0-9]+(/|$)`)

func sourceDir(function any) string {
	entry := reflect.ValueOf(function).Pointer()
	file, _ := runtime.FuncForPC(entry).FileLine(entry)
	return path.Dir(file)
}

// learn finds the folder of the main module if one of sites is in it. There is no other way.
func (p *Program) learn(sites []Site) {
	for _, s := range sites {
		if p.home != "" {
			return
		}
		if rest, ok := within(p.module, p.folder(s)); ok && !s.isClosure() && absolute(s.file) {
			p.home = strings.TrimSuffix(path.Dir(s.file), strings.TrimSuffix("/"+rest, "/"))
		}
	}
}

// relative returns the file of a function in folder, as in [Frame].
func (p Program) relative(folder, file string) string {
	if rest, ok := within(p.module, folder); ok {
		folder = rest
	}
	return path.Join(folder, path.Base(file))
}

// folder returns the import path of the folder of s.
func (p Program) folder(s Site) string {
	if s.isClosure() { // it may be named after another package
		if folder := p.folderOf(s.file); folder != "" {
			return folder
		}
	}
	return p.namedFolder(s)
}

// namedFolder returns the import path in the name of the function of s.
func (p Program) namedFolder(s Site) string {
	folder, _ := splitName(s.function)
	if unescaped, err := url.PathUnescape(folder); err == nil {
		folder = unescaped
	}
	switch {
	case folder == "main":
		return p.main
	case strings.HasSuffix(s.file, "_test.go") && path.Base(folder) != path.Base(path.Dir(s.file)):
		return strings.TrimSuffix(folder, "_test")
	}
	return folder
}

// escaped returns an import path as it is written in function names.
func escaped(folder string) string {
	dir, base := path.Split(folder)
	return dir + strings.ReplaceAll(base, ".", "%2e")
}

var version = regexp.MustCompile(`@[^/]*`)

// literalBefore matches the part of a name before that of a function inlined into a closure.
var literalBefore = regexp.MustCompile(`^.*(?:\.func|\.gowrap|\.deferwrap|-range)\d+(?:\.\d+)*\.`)

// declaration returns the declared function that s is or is written in, unless that is further
// out on the stack. Code of an inlined function is named after the function it was inlined into,
// with its package. The parts are ambiguous: a.b may be a method.
func (p Program) declaration(s Site) string {
	if !s.isClosure() {
		return s.function
	}
	pkg, local := splitName(declared(s.function))
	local = literalBefore.ReplaceAllString(local, "")
	elsewhere := p.namedFolder(s) != s.folder
	if method := strings.LastIndex(local, "(*"); method >= 0 {
		local = local[method:]
	} else if elsewhere {
		local = local[strings.LastIndexByte(local, '.')+1:]
	}
	if elsewhere {
		pkg = escaped(s.folder)
	}
	return pkg + "." + local
}

// folderOf returns the import path of the folder of file, by its position, or "".
func (p Program) folderOf(file string) string {
	dir := path.Dir(file)
	if !absolute(dir) { // as built with -trimpath
		return version.ReplaceAllString(dir, "")
	}
	if folder, ok := within(p.standard, dir); ok {
		return folder
	}
	if _, folder, ok := strings.Cut(dir, "/pkg/mod/"); ok {
		return lowered.ReplaceAllStringFunc(version.ReplaceAllString(folder, ""), raise)
	}
	if _, folder, ok := strings.Cut(dir, "/vendor/"); ok {
		return folder
	}
	// Modules may be nested.
	folder, inner := "", ""
	for _, r := range append(slices.Clip(p.roots), root{p.home, p.module}) {
		if rest, ok := within(r.dir, dir); ok && len(r.dir) > len(inner) {
			folder, inner = path.Join(r.path, rest), r.dir
		}
	}
	return folder
}

// lowered matches the module cache's form of an uppercase letter.
var lowered = regexp.MustCompile(`![a-z]`)

func raise(letter string) string { return strings.ToUpper(letter[1:]) }

// absolute reports whether file is absolute, also on Windows.
func absolute(file string) bool {
	return strings.HasPrefix(file, "/") || len(file) > 1 && file[1] == ':'
}

// within returns the path from folder to inner, if inner is in folder or equal to it.
func within(folder, inner string) (rest string, ok bool) {
	if folder == "" {
		return "", false
	}
	if inner == folder {
		return "", true
	}
	return strings.CutPrefix(inner, folder+"/")
}

package callsite

import (
	"regexp"
	"slices"
	"strings"
)

// standard are the folders of the standard library. Other import paths may lack a
// dot as well: that of package main, those of modules nobody publishes.
var standard = []string{
	"archive", "arena", "bufio", "builtin", "bytes", "cmp", "compress", "container", "context", "crypto", "database",
	"debug", "embed", "encoding", "errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal",
	"io", "iter", "log", "maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime", "simd",
	"slices", "sort", "strconv", "strings", "structs", "sync", "syscall", "testing", "text", "time", "unicode",
	"unique", "unsafe", "vendor", "weak",
}

// isApplication reports whether s is code of neither the standard library nor
// pgx nor package tracer and what runs others above it, whose tests are applications.
func (s Site) isApplication() bool {
	first, _, _ := strings.Cut(s.folder, "/")
	_, inPgx := within(pgxModule, s.folder)
	_, inPuddle := within(puddleModule, s.folder)
	_, inRoom := within(module+"/tracer/internal", s.folder) // as of an argument that asks the database for its value
	switch {
	case slices.Contains(standard, first), inPgx, inPuddle:
		return false
	case inRoom, s.folder == module+"/tracer", s.folder == module+"/scenarios", s.folder == module+"/fanouttest":
		return strings.HasSuffix(s.file, "_test.go")
	}
	return true
}

// isOwn reports whether s, which is of the application, is in a module that is the user's own,
// and not generated. Where a module is from, the place of its source tells: tests know no
// more than the path of the one they are in, and that not always.
func (p Program) isOwn(s Site) bool {
	if _, ok := within(p.module, s.folder); !ok && fetched.MatchString(localVersion.ReplaceAllString(s.file, "/")) {
		return false
	}
	return !p.isGenerated(s.file)
}

var (
	// fetched is what the place of source has in the module cache, with -trimpath, in a folder
	// of vendored modules, and where Bazel keeps other repositories.
	fetched = regexp.MustCompile(`@v[0-9]|/vendor/|^external/`)
	// localVersion is what -trimpath writes for a module that a folder replaces.
	localVersion = regexp.MustCompile(`@v0\.0\.0(-00010101000000-000000000000)?/`)
)

// isOneOf reports whether the function of s begins with one of prefixes.
func (s Site) isOneOf(prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(s.function, prefix) })
}

// withoutSkipped returns the sites of the application that are the user's own, without what is
// to be left out, and without what sqlc's store calls. What there is nothing without stays.
func (p Program) withoutSkipped(sites []Site, skip []string) []Site {
	application := filter(sites, Site.isApplication)
	if store := slices.IndexFunc(application, p.isStore); store >= 0 && slices.ContainsFunc(application[:store], p.isOwn) {
		application = application[:store]
	}
	told := func(s Site) bool { return !s.isOneOf(skip) }
	mine := filter(application, p.isOwn)
	for _, some := range [][]Site{filter(mine, told), mine, filter(application, told)} {
		if len(some) > 0 {
			return some
		}
	}
	return application
}

func filter(sites []Site, keep func(Site) bool) []Site {
	var kept []Site
	for _, s := range sites {
		if keep(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

package callsite

import (
	"regexp"
	"slices"
	"strings"
)

// standard lists the folders of the standard library. Other import paths may lack a dot too:
// package main, and unpublished modules.
var standard = []string{
	"archive", "arena", "bufio", "builtin", "bytes", "cmp", "compress", "container", "context", "crypto", "database",
	"debug", "embed", "encoding", "errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal",
	"io", "iter", "log", "maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime", "simd",
	"slices", "sort", "strconv", "strings", "structs", "sync", "syscall", "testing", "text", "time", "unicode",
	"unique", "unsafe", "vendor", "weak",
}

// isApplication reports whether s is outside of the standard library, pgx, package tracer and the
// packages above it that run other code. Their tests are applications.
func (s Site) isApplication() bool {
	first, _, _ := strings.Cut(s.folder, "/")
	_, inPgx := within(pgxModule, s.folder)
	_, inPuddle := within(puddleModule, s.folder)
	_, inRoom := within(module+"/tracer/internal", s.folder) // such as an argument that queries its value
	switch {
	case slices.Contains(standard, first), inPgx, inPuddle:
		return false
	case inRoom, s.folder == module+"/tracer", s.folder == module+"/scenarios", s.folder == module+"/fanouttest":
		return strings.HasSuffix(s.file, "_test.go")
	}
	return true
}

// isOwn reports whether s, which is of the application, is in a module of the user and not
// generated. The position of the source shows which module it is from. The build information of
// tests has only the path of the tested module, and not always.
func (p Program) isOwn(s Site) bool {
	if _, ok := within(p.module, s.folder); !ok && fetched.MatchString(localVersion.ReplaceAllString(s.file, "/")) {
		return false
	}
	return !p.isGenerated(s.file)
}

var (
	// fetched matches the position of foreign source: in the module cache, with -trimpath, in
	// vendor folders, and in Bazel's external repositories.
	fetched = regexp.MustCompile(`@v[0-9]|/vendor/|^external/`)
	// localVersion is what -trimpath writes for a module that is replaced by a folder.
	localVersion = regexp.MustCompile(`@v0\.0\.0(-00010101000000-000000000000)?/`)
)

// isOneOf reports whether name begins with one of prefixes.
func isOneOf(name string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// withoutSkipped returns the user's own sites, without skipped ones and without the calls of
// sqlc's store. If nothing would be left, it keeps more.
func (p Program) withoutSkipped(sites []Site, skip []string) []Site {
	application := filter(sites, Site.isApplication)
	if store := slices.IndexFunc(application, p.isStore); store >= 0 && slices.ContainsFunc(application[:store], p.isOwn) {
		application = application[:store]
	}
	told := func(s Site) bool { return !isOneOf(s.function, skip) }
	mine := filter(application, p.isOwn)
	for _, some := range [][]Site{filter(mine, told), mine, filter(application, told)} {
		if len(some) > 0 {
			return some
		}
	}
	return application
}

func filter(sites []Site, keep func(Site) bool) []Site {
	return slices.DeleteFunc(slices.Clone(sites), func(s Site) bool { return !keep(s) })
}

package callsite

import (
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

// withoutSkipped returns the sites of the application. What is to be left out stays where
// there is nothing else.
func withoutSkipped(sites []Site, skip []string) []Site {
	application := filter(sites, Site.isApplication)
	told := filter(application, func(s Site) bool {
		return !slices.ContainsFunc(skip, func(prefix string) bool { return strings.HasPrefix(s.function, prefix) })
	})
	if len(told) == 0 {
		return application
	}
	return told
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

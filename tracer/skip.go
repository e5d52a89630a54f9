package tracer

import (
	"slices"
	"strings"
)

const (
	module       = "github.com/fanout-bench/fanout-bench"
	pgxModule    = "github.com/jackc/pgx/v5"
	puddleModule = "github.com/jackc/puddle"
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
// pgx nor this package and what runs others above it, whose tests are applications.
func (s site) isApplication() bool {
	first, _, _ := strings.Cut(s.folder, "/")
	_, inPgx := within(pgxModule, s.folder)
	_, inPuddle := within(puddleModule, s.folder)
	switch {
	case slices.Contains(standard, first), inPgx, inPuddle:
		return false
	case s.folder == module+"/tracer", s.folder == module+"/scenarios", s.folder == module+"/fanouttest":
		return strings.HasSuffix(s.file, "_test.go")
	}
	return true
}

// withoutSkipped returns the sites of the application. What the Recorder was told
// to leave out stays where there is nothing else.
func withoutSkipped(sites []site, skip []string) []site {
	application := filter(sites, site.isApplication)
	told := filter(application, func(s site) bool {
		return !slices.ContainsFunc(skip, func(prefix string) bool { return strings.HasPrefix(s.function, prefix) })
	})
	if len(told) == 0 {
		return application
	}
	return told
}

func filter(sites []site, keep func(site) bool) []site {
	var kept []site
	for _, s := range sites {
		if keep(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

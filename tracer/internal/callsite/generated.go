package callsite

import (
	"bufio"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// isStore reports whether s is a method of a store that sqlc generated.
func (p Program) isStore(s Site) bool {
	return strings.Contains(s.function, "Queries") && strings.Contains(receiver.Replace(s.function), ".Queries.") && p.isGenerated(s.file)
}

// isGenerated reports whether the source file says so, or, if it cannot be read, its name.
func (p Program) isGenerated(file string) bool {
	known.Lock()
	defer known.Unlock()
	generated, ok := known.generated[file]
	if !ok && len(known.generated) < maxKnown {
		generated = p.readGenerated(file)
		known.generated[file] = generated
	}
	return generated
}

// known caches what is known about source files. A program has some hundreds.
var known = struct {
	sync.Mutex
	generated map[string]bool
}{generated: make(map[string]bool)}

const maxKnown = 10_000

func (p Program) readGenerated(file string) bool {
	source := p.open(file)
	if source == nil {
		return slices.ContainsFunc(generatedSuffixes, func(suffix string) bool { return strings.HasSuffix(file, suffix) })
	}
	defer func() { _ = source.Close() }()
	const head = 64 << 10 // only comments are before the package clause
	for lines := bufio.NewScanner(io.LimitReader(source, head)); lines.Scan(); {
		switch line := lines.Text(); {
		case generatedLine.MatchString(line):
			return true
		case strings.HasPrefix(line, "package "):
			return false
		}
	}
	return false
}

// generatedLine is the pattern in https://go.dev/s/generatedcode.
var generatedLine = regexp.MustCompile(`^// Code generated .* DO NOT EDIT\.$`)

var generatedSuffixes = []string{".sql.go", ".pb.go", ".pb.gw.go", ".connect.go", ".gen.go", "_gen.go", ".generated.go", "_generated.go"}

// open opens the source, or returns nil. With -trimpath a file begins with the module path, and
// tests run inside of the module.
func (p Program) open(file string) *os.File {
	if absolute(file) {
		return openRegular(file)
	}
	rest, ok := within(p.module, path.Dir(file))
	folder, err := os.Getwd()
	if !ok || err != nil {
		return nil
	}
	for {
		if source := openRegular(filepath.Join(folder, filepath.FromSlash(rest), path.Base(file))); source != nil {
			return source
		}
		if filepath.Dir(folder) == folder {
			return nil
		}
		folder = filepath.Dir(folder)
	}
}

// openRegular does not open pipes, because reading may block forever.
func openRegular(file string) *os.File {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	source, _ := os.Open(file)
	return source
}

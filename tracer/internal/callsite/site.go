package callsite

import (
	"regexp"
	"strings"
	"sync"
)

// A Site is one call of a stack before filtering.
type Site struct {
	function string // for a closure, later the function that contains it
	file     string // absolute
	line     int
	folder   string // import path of the folder of file
	owner    int    // index of the site whose function this one continues, or its own
}

// closureSuffix is the compiler's suffix for code inside a function: a function literal, a nested
// one, the body of a range over a function, the call of a go or defer statement.
var closureSuffix = regexp.MustCompile(`(?:\.func|\.gowrap|\.deferwrap|-range|\.)\d+$`)

// initFunction matches a package's init function, which is not a closure.
var initFunction = regexp.MustCompile(`^init\.\d+$`)

// enclosing returns the function that contains the closure name, or "" if name is not a closure.
func enclosing(name string) string {
	known, found := closures.Load(name)
	if !found {
		known, _ = closures.LoadOrStore(name, withoutSuffix(name))
	}
	return known.(string)
}

// closures caches the results of enclosing. Their number is bounded by the program, and stacks
// repeat the same few names.
var closures sync.Map

// withoutSuffix returns name without the suffix of a closure, or "" if it has none.
func withoutSuffix(name string) string {
	suffix := closureSuffix.FindStringIndex(name)
	if suffix == nil || initFunction.MatchString(localName(name)) {
		return ""
	}
	outer := name[:suffix[0]]
	// Functions and methods may also be named func1.
	if local := localName(outer); local == "" || strings.HasSuffix(local, ")") {
		return ""
	}
	return outer
}

// declared returns the declared function that name is or is written in.
func declared(name string) string {
	for outer := enclosing(name); outer != ""; outer = enclosing(name) {
		name = outer
	}
	return name
}

func (s Site) isClosure() bool { return enclosing(s.function) != "" }

// writtenIn reports whether s is a closure in the source of outer. Its name begins with that of
// the function it is compiled into. If outer was inlined, that is another one, followed by the
// name of outer without its package.
func (s Site) writtenIn(outer Site) bool {
	if s.file != outer.file {
		return false
	}
	inlined := "." + localName(outer.function)
	for name := enclosing(s.function); name != ""; name = enclosing(name) {
		if name == outer.function || strings.HasSuffix(name, inlined) {
			return true
		}
	}
	return false
}

// localName returns the name of a function without its package.
func localName(function string) string {
	_, local := splitName(function)
	return local
}

// splitName splits the full name of a function after its package, whose path stays escaped.
func splitName(function string) (pkg, local string) {
	plain, _, _ := strings.Cut(function, "[") // type arguments contain packages too
	folder := strings.LastIndexByte(plain, '/') + 1
	dot := strings.IndexByte(plain[folder:], '.')
	if dot < 0 {
		return function, ""
	}
	return function[:folder+dot], function[folder+dot+1:]
}

// receiver removes the syntax of pointer receivers.
var receiver = strings.NewReplacer("(*", "", ")", "")

// Name returns the short name of a function: "Service.List".
func Name(function string) string {
	name, rest, _ := strings.Cut(localName(function), "[")
	return receiver.Replace(name + rest[strings.LastIndexByte(rest, ']')+1:])
}

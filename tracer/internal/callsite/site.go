package callsite

import (
	"regexp"
	"strings"
	"sync"
)

// A Site is one call of a stack before it is known to be worth a [Frame].
type Site struct {
	function string // a closure's becomes that of the function it is written in
	file     string // with its place on the machine
	line     int
	folder   string // import path of the folder of file
	owner    int    // index of the site whose function this one continues, or its own
}

// closureSuffix is what the compiler adds to a function's name for what is
// written in it: a literal, a literal in that one, the body of a loop over a
// function, the call of a go or defer statement.
var closureSuffix = regexp.MustCompile(`(?:\.func|\.gowrap|\.deferwrap|-range|\.)\d+$`)

// initFunction is one of the functions init of a package, not a closure.
var initFunction = regexp.MustCompile(`^init\.\d+$`)

// enclosing returns the name of the function that the closure called name is
// written in; ok is false where name is not a closure's.
func enclosing(name string) (outer string, ok bool) {
	known, found := closures.Load(name)
	if !found {
		known, _ = closures.LoadOrStore(name, withoutSuffix(name))
	}
	outer = known.(string)
	return outer, outer != ""
}

// closures remembers what enclosing returns: a program has so many functions, and
// a stack names the same few again and again.
var closures sync.Map

// withoutSuffix returns name without what makes it a closure's, or "" if it is not.
func withoutSuffix(name string) string {
	suffix := closureSuffix.FindStringIndex(name)
	if suffix == nil || initFunction.MatchString(localName(name)) {
		return ""
	}
	outer := name[:suffix[0]]
	// Functions and methods may be called func1 as well.
	if local := localName(outer); local == "" || strings.HasSuffix(local, ")") {
		return ""
	}
	return outer
}

// declared returns the name of the declared function that the function called
// name is or is written in.
func declared(name string) string {
	for {
		outer, ok := enclosing(name)
		if !ok {
			return name
		}
		name = outer
	}
}

func (s Site) isClosure() bool {
	_, ok := enclosing(s.function)
	return ok
}

// writtenIn reports whether s is a closure in the source of outer. Its name begins
// with that of the function it is compiled into. Where outer was inlined that is
// another one, and the name of outer follows without its package.
func (s Site) writtenIn(outer Site) bool {
	if s.file != outer.file {
		return false
	}
	inlined := "." + localName(outer.function)
	for name, ok := enclosing(s.function); ok; name, ok = enclosing(name) {
		if name == outer.function || strings.HasSuffix(name, inlined) {
			return true
		}
	}
	return false
}

// localName returns the full name of a function without its package.
func localName(function string) string {
	_, local := splitName(function)
	return local
}

// splitName cuts the full name of a function after its package, whose path stays
// escaped.
func splitName(function string) (pkg, local string) {
	plain, _, _ := strings.Cut(function, "[") // type arguments have packages too
	folder := strings.LastIndexByte(plain, '/') + 1
	dot := strings.IndexByte(plain[folder:], '.')
	if dot < 0 {
		return function, ""
	}
	return function[:folder+dot], function[folder+dot+1:]
}

// receiver is how the name of a method writes a pointer type.
var receiver = strings.NewReplacer("(*", "", ")", "")

// Name returns the function called so as people call it: "Service.List".
func Name(function string) string {
	name, rest, _ := strings.Cut(localName(function), "[")
	return receiver.Replace(name + rest[strings.LastIndexByte(rest, ']')+1:])
}

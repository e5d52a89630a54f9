// Package callsite finds the code of the application that led to a call.
package callsite

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// maxFrames bounds what is looked at: the innermost calls.
const maxFrames = 128

// Stack returns what called its caller, innermost first. Turning that into frames can wait.
func Stack() []uintptr {
	const self = 3 // runtime.Callers, Stack, its caller
	var buffer [maxFrames]uintptr
	n := runtime.Callers(self, buffer[:])
	return slices.Clone(buffer[:n])
}

// Callers remembers of each place in the program whether it is worth telling. They
// are few, and most are found with one look.
type Callers struct {
	known atomic.Pointer[map[uintptr]worth]
	mu    sync.Mutex // guards the writing of known
}

// worth says what a place is.
type worth uint8

const (
	plumbing      worth = iota // of pgx or the standard library
	aside                      // left out by the user, or of a store that sqlc generated
	inApplication              // of the application
)

// callersAtOnce is how many calls are looked at before more are fetched: the place
// is most often among the first ones outside of pgx.
const callersAtOnce = 4

// Innermost returns the innermost place of the application that led to the function which
// called the caller of Innermost. What is to be left out is where there is nothing else. 0 is
// nowhere.
func (c *Callers) Innermost(leftOut []string) uintptr {
	const self = 4 // runtime.Callers, Innermost, its caller, and the hook that pgx called
	var (
		buffer   [callersAtOnce]uintptr
		fallback uintptr
	)
	for skip := self; ; skip += callersAtOnce {
		n := runtime.Callers(skip, buffer[:])
		for _, pc := range buffer[:n] {
			switch c.of(pc, leftOut) {
			case inApplication:
				return pc
			case aside:
				if fallback == 0 {
					fallback = pc
				}
			}
		}
		if n < callersAtOnce || skip > maxFrames {
			return fallback
		}
	}
}

func (c *Callers) of(pc uintptr, leftOut []string) worth {
	if known := c.known.Load(); known != nil {
		if w, ok := (*known)[pc]; ok {
			return w
		}
	}
	w := worthOf(pc, leftOut)
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[uintptr]worth{}
	if known := c.known.Load(); known != nil {
		all = maps.Clone(*known)
	}
	all[pc] = w
	c.known.Store(&all)
	return w
}

func worthOf(pc uintptr, leftOut []string) worth {
	sites := sitesOf([]uintptr{pc})
	if len(sites) == 0 {
		return plumbing
	}
	s := sites[0]
	s.folder = ThisProgram().folder(s)
	switch {
	case !s.isApplication():
		return plumbing
	case strings.HasSuffix(s.file, ".sql.go"), strings.Contains(s.function, ".(*Queries)."),
		slices.ContainsFunc(leftOut, func(prefix string) bool { return strings.HasPrefix(s.function, prefix) }):
		return aside
	}
	return inApplication
}

// poolHooks are the functions of pgxpool that call hooks of a connection which is released,
// with no context that tells, or with that of AcquireAllIdle, which tells no tracer.
var poolHooks = []string{"(*Conn).Release", "(*Pool).AcquireAllIdle", "NewWithConfig"}

// InPoolHook reports whether a hook of pgxpool has led here.
func InPoolHook() bool {
	var buffer [maxFrames]uintptr
	for skip := 2; ; skip += len(buffer) {
		n := runtime.Callers(skip, buffer[:])
		for frames, more := runtime.CallersFrames(buffer[:n]), n > 0; more; {
			var frame runtime.Frame
			frame, more = frames.Next()
			name, inPool := strings.CutPrefix(frame.Function, pgxModule+"/pgxpool.")
			if inPool && slices.ContainsFunc(poolHooks, func(hook string) bool { return strings.HasPrefix(name, hook) }) {
				return true
			}
		}
		if n < len(buffer) {
			return false
		}
	}
}

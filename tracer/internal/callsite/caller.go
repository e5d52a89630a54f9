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
	plumbing worth = iota // of pgx or the standard library
	foreign               // of another module, or generated
	aside                 // left out by the user
	own                   // of the application
)

// callersAtOnce is how many calls are looked at before more are fetched: the place
// is most often among the first ones outside of pgx, unless an ORM is between.
const callersAtOnce = 4

// Innermost returns the innermost place of the application that led to the function which
// called the caller of Innermost. What is to be left out is where there is nothing else. 0 is
// nowhere.
func (c *Callers) Innermost(leftOut []string) uintptr {
	const self = 4 // runtime.Callers, Innermost, its caller, and the hook that pgx called
	var buffer [callersAtOnce]uintptr
	n := runtime.Callers(self, buffer[:])
	found, best := c.best(buffer[:n], leftOut, 0, plumbing)
	if best == own || n < callersAtOnce {
		return found
	}
	return c.further(self+1+n, leftOut, found, best)
}

// further goes on where Innermost has found no place that is the user's own.
func (c *Callers) further(skip int, leftOut []string, found uintptr, best worth) uintptr {
	var buffer [2 * callersAtOnce]uintptr
	for {
		n := runtime.Callers(skip, buffer[:])
		found, best = c.best(buffer[:n], leftOut, found, best)
		skip += n
		if best == own || n < len(buffer) || skip > maxFrames {
			return found
		}
	}
}

// best returns the first of callers that is worth more than what was found before.
func (c *Callers) best(callers []uintptr, leftOut []string, found uintptr, best worth) (uintptr, worth) {
	for _, pc := range callers {
		if w := c.of(pc, leftOut); w > best {
			found, best = pc, w
		}
		if best == own {
			break
		}
	}
	return found, best
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
	s, p := sites[0], ThisProgram()
	s.folder = p.folder(s)
	switch {
	case !s.isApplication():
		return plumbing
	case !p.isOwn(s):
		return foreign
	case s.isOneOf(leftOut):
		return aside
	}
	return own
}

// poolHooks are the functions of pgxpool that call hooks of a connection which is released,
// with no context that tells, or with that of AcquireAllIdle, which tells no tracer.
var poolHooks = []string{"(*Conn).Release", "(*Pool).AcquireAllIdle", "NewWithConfig"}

// InPoolHook reports whether a hook of pgxpool has led here, or that it makes a connection.
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

// stdlibHooks are the functions of pgx's stdlib that call hooks of database/sql's pool.
var stdlibHooks = []string{"connector.Connect", "(*connector).Connect", "(*Conn).ResetSession"}

// InStdlib reports whether pgx's driver of database/sql has led here, and whether one of
// its hooks has.
func InStdlib() (in, hook bool) {
	var buffer [8]uintptr
	for skip := 2; ; skip += len(buffer) {
		n := runtime.Callers(skip, buffer[:])
		for frames, more := runtime.CallersFrames(buffer[:n]), n > 0; more; {
			var frame runtime.Frame
			frame, more = frames.Next()
			if name, in := strings.CutPrefix(frame.Function, pgxModule+"/stdlib."); in {
				return true, slices.ContainsFunc(stdlibHooks, func(hook string) bool { return strings.HasPrefix(name, hook) })
			}
		}
		if n < len(buffer) || skip > maxFrames {
			return false, false
		}
	}
}

// traced are the parts of pgx that tell a tracer before they send anything.
var traced = []string{"(*Conn).Query", "(*Conn).Exec", "(*Conn).exec", "(*Conn).SendBatch", "(*Conn).CopyFrom", "(*copyFrom).",
	"(*baseRows).", "(*batchResults).", "(*pipelineBatchResults)."}

// InTraced reports whether what pgx tells a tracer of has led here, by nothing but pgx: the
// application may use a connection of its own in a callback.
func InTraced() bool {
	var buffer [maxFrames]uintptr
	n := runtime.Callers(2, buffer[:])
	for frames, more := runtime.CallersFrames(buffer[:n]), n > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		name, inPgx := strings.CutPrefix(frame.Function, pgxModule)
		switch {
		case inPgx:
			name, plain := strings.CutPrefix(name, ".") // not of one of its other packages
			if plain && slices.ContainsFunc(traced, func(part string) bool { return strings.HasPrefix(name, part) }) {
				return true
			}
		case !strings.HasPrefix(frame.Function, "io.") && !strings.HasPrefix(frame.Function, tracerPackage+".") && !strings.HasPrefix(frame.Function, tracerPackage+"/internal/wire."):
			return false
		}
	}
	return false
}

// tracerPackage reads along, with wire.
const tracerPackage = "github.com/fanout-bench/fanout-bench/tracer"

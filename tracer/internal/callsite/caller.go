// Package callsite finds the application's code that led to a call.
package callsite

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// maxFrames bounds the innermost calls that are inspected.
const maxFrames = 128

// Stack returns the callers of its caller, innermost first, as program counters: frames are
// expensive.
func Stack() []uintptr {
	const self = 3 // runtime.Callers, Stack, its caller
	var buffer [maxFrames]uintptr
	n := runtime.Callers(self, buffer[:])
	return slices.Clone(buffer[:n])
}

// Callers caches the worth of each place in the program. They are few, and usually one lookup is
// enough.
type Callers struct {
	known atomic.Value // a map[uintptr]worth
	mu    sync.Mutex   // guards writes to known
}

// worth ranks places.
type worth uint8

const (
	plumbing worth = iota // pgx or the standard library
	foreign               // another module, or generated
	aside                 // skipped by the user
	own                   // the application
)

// callersAtOnce is how many calls are inspected before more are fetched. The place is usually
// among the first ones outside of pgx, unless an ORM is between.
const callersAtOnce = 4

// Innermost returns the innermost place of the application that led to the function which called
// the caller of Innermost. Places in leftOut are used only if there is nothing else. 0 means
// none.
func (c *Callers) Innermost(leftOut []string) uintptr {
	const self = 4 // runtime.Callers, Innermost, its caller, and the hook that pgx called
	var (
		buffer [callersAtOnce]uintptr
		found  uintptr
		best   = plumbing
	)
	for skip, n := self, len(buffer); n == len(buffer) && skip < maxFrames; skip += n {
		n = runtime.Callers(skip, buffer[:])
		for _, pc := range buffer[:n] {
			if w := c.of(pc, leftOut); w > best {
				found, best = pc, w
			}
			if best == own {
				return found
			}
		}
	}
	return found
}

func (c *Callers) of(pc uintptr, leftOut []string) worth {
	known, _ := c.known.Load().(map[uintptr]worth)
	if w, ok := known[pc]; ok {
		return w
	}
	w := worthOf(pc, leftOut)
	c.mu.Lock()
	defer c.mu.Unlock()
	known, _ = c.known.Load().(map[uintptr]worth)
	all := map[uintptr]worth{pc: w}
	maps.Copy(all, known)
	c.known.Store(all)
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
	case isOneOf(s.function, leftOut):
		return aside
	}
	return own
}

// functions yields the functions that led to its caller, innermost first.
func functions(yield func(name string) bool) {
	const self = 3 // runtime.Callers, functions, its caller
	var buffer [8]uintptr
	for skip, n := self, len(buffer); n == len(buffer) && skip <= maxFrames; skip += n {
		n = runtime.Callers(skip, buffer[:])
		for frames, more := runtime.CallersFrames(buffer[:n]), n > 0; more; {
			var frame runtime.Frame
			if frame, more = frames.Next(); !yield(frame.Function) {
				return
			}
		}
	}
}

// poolHooks are the functions of pgxpool that call hooks of a connection without a context that
// tells so.
var poolHooks = []string{"(*Conn).Release", "(*Pool).AcquireAllIdle", "NewWithConfig"}

// InPoolHook reports whether a hook of pgxpool led here, or pgxpool making a connection.
func InPoolHook() bool {
	for name := range functions {
		if name, inPool := strings.CutPrefix(name, pgxModule+"/pgxpool."); inPool && isOneOf(name, poolHooks) {
			return true
		}
	}
	return false
}

// stdlibHooks are the functions of pgx's stdlib that call hooks of database/sql's pool.
var stdlibHooks = []string{"connector.Connect", "(*connector).Connect", "(*Conn).ResetSession"}

// InStdlib reports whether pgx's driver for database/sql led here, and whether one of its hooks
// did.
func InStdlib() (in, hook bool) {
	for name := range functions {
		if name, in := strings.CutPrefix(name, pgxModule+"/stdlib."); in {
			return true, isOneOf(name, stdlibHooks)
		}
	}
	return false, false
}

// traced are the functions of pgx that call a tracer before they send.
var traced = []string{"(*Conn).Query", "(*Conn).Exec", "(*Conn).exec", "(*Conn).SendBatch", "(*Conn).CopyFrom", "(*copyFrom).",
	"(*baseRows).", "(*batchResults).", "(*pipelineBatchResults)."}

// between are functions that traced ones call, of this module, which reads the wire, and others.
var between = []string{"io.", tracerPackage + ".", tracerPackage + "/internal/wire."}

const tracerPackage = "github.com/fanout-bench/fanout-bench/tracer"

// InTraced reports whether a traced function of pgx led here directly: in a callback, the
// application may use another connection.
func InTraced() bool {
	for name := range functions {
		in, inPgx := strings.CutPrefix(name, pgxModule)
		if in, plain := strings.CutPrefix(in, "."); inPgx && plain && isOneOf(in, traced) { // not of another package in pgx
			return true
		} else if !inPgx && !isOneOf(name, between) {
			return false
		}
	}
	return false
}

package tracer

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// callers remembers of each place in the program whether it is worth telling. They
// are few, and most are found with one look.
type callers struct {
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

// caller returns the innermost place of the application that led to begin. What is to
// be left out is where there is nothing else. 0 is nowhere.
func (r *Recorder) caller() uintptr {
	const self = 4 // runtime.Callers, caller, begin, and the hook that pgx called
	var (
		buffer   [callersAtOnce]uintptr
		fallback uintptr
	)
	for skip := self; ; skip += callersAtOnce {
		n := runtime.Callers(skip, buffer[:])
		for _, pc := range buffer[:n] {
			switch r.callers.of(pc, r.SkipFrames) {
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

// strayCaller is caller, if r keeps any.
func (r *Recorder) strayCaller() uintptr {
	if r.Sites || r.Stacks {
		return r.caller()
	}
	return 0
}

func (c *callers) of(pc uintptr, leftOut []string) worth {
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
	s.folder = thisProgram().folder(s)
	switch {
	case !s.isApplication():
		return plumbing
	case strings.HasSuffix(s.file, ".sql.go"), strings.Contains(s.function, ".(*Queries)."),
		slices.ContainsFunc(leftOut, func(prefix string) bool { return strings.HasPrefix(s.function, prefix) }):
		return aside
	}
	return inApplication
}

// siteOf returns the place of a caller, or "".
func siteOf(caller uintptr) string {
	if caller == 0 {
		return ""
	}
	frame, ok := frameOf(caller)
	if !ok {
		return ""
	}
	return frame.Site()
}

// frameOf returns the frame of one place.
func frameOf(caller uintptr) (Frame, bool) {
	sites := sitesOf([]uintptr{caller})
	p := thisProgram()
	p.learn(sites)
	p.attribute(sites)
	if len(sites) == 0 {
		return Frame{}, false
	}
	s := sites[0]
	return Frame{Function: s.function, File: p.relative(s.folder, s.file), Line: s.line}, true
}

package tracer

import (
	"encoding/binary"
	"runtime"
	"slices"
	"strings"
)

// A site is one call of a stack before it is known to be worth a [Frame].
type site struct {
	function string // a closure's becomes that of the function it is written in
	file     string // with its place on the machine
	line     int
	folder   string // import path of the folder of file
	owner    int    // index of the site whose function this one continues, or its own
}

// A stackKey is equal for stacks that have the same frames.
type stackKey struct {
	recorder *Recorder
	callers  string
}

func (s *stack) key() stackKey {
	b := make([]byte, 0, 8*len(s.callers))
	for _, caller := range s.callers {
		b = binary.NativeEndian.AppendUint64(b, uint64(caller))
	}
	return stackKey{s.recorder, string(b)}
}

// frames are those of the calls of a scope. They are few: a fan-out comes from the
// same line again and again.
type frames struct {
	stacks  map[stackKey][]Frame
	callers map[uintptr][]Frame
}

func framesOf(scope *Scope) frames {
	var (
		f     = frames{callers: make(map[uintptr][]Frame)}
		p     = thisProgram()
		sites = make(map[stackKey][]site)
	)
	scope.each(func(c *call) {
		if c.caller != 0 && f.callers[c.caller] == nil {
			if frame, ok := frameOf(c.caller); ok {
				f.callers[c.caller] = []Frame{frame}
			}
		}
		if c.more == nil || c.more.stack == nil {
			return
		}
		if key := c.more.stack.key(); sites[key] == nil {
			sites[key] = sitesOf(c.more.stack.callers)
			p.learn(sites[key])
		}
	})
	f.stacks = make(map[stackKey][]Frame, len(sites))
	for key, s := range sites {
		f.stacks[key] = p.frames(s, key.recorder.SkipFrames)
	}
	return f
}

// into gives e the frames of c.
func (f frames) into(e *Event, c *call) {
	switch {
	case c.more != nil && c.more.stack != nil:
		e.Stack = f.stacks[c.more.stack.key()]
	case c.caller != 0:
		e.Stack = f.callers[c.caller]
	}
}

// sitesOf returns the calls, outermost first.
func sitesOf(callers []uintptr) []site {
	var sites []site
	frames := runtime.CallersFrames(callers)
	for more := len(callers) > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if frame.Function != "" { // else it is not Go
			sites = append(sites, site{function: frame.Function, file: frame.File, line: frame.Line})
		}
	}
	slices.Reverse(sites)
	return sites
}

func (p program) frames(sites []site, skip []string) []Frame {
	p.attribute(sites)
	var frames []Frame
	for _, s := range merged(withoutSkipped(sites, skip)) {
		frames = append(frames, Frame{Function: s.function, File: p.relative(s.folder, s.file), Line: s.line})
	}
	return slices.Clip(frames)
}

// attribute gives each closure the function it is written in.
func (p program) attribute(sites []site) {
	for i := range sites {
		sites[i].owner = i
		for j := i - 1; j >= 0 && sites[i].isClosure(); j-- {
			if sites[i].writtenIn(sites[j]) {
				sites[i].owner = sites[j].owner
				break
			}
		}
	}
	for i := range sites {
		s := &sites[i]
		if owner := sites[s.owner]; s.owner != i {
			s.function, s.folder = owner.function, owner.folder
			continue
		}
		s.folder = p.folder(*s)
		s.function = p.declaration(*s)
	}
}

// merged makes one of a function and the closure that continues it. What is
// between them only carried the closure there.
func merged(sites []site) []site {
	var stack []site
	for _, s := range sites {
		at := slices.IndexFunc(stack, func(outer site) bool { return outer.owner == s.owner })
		if at < 0 {
			stack = append(stack, s)
			continue
		}
		stack = append(stack[:at], s)
	}
	return stack
}

// withoutStore cuts a stack off where it enters the method that sqlc generated
// for the statement: the name of the statement says the rest.
func withoutStore(stack []Frame, kind Kind, name string) []Frame {
	switch kind {
	case KindQuery, KindPrepare, KindSetup:
	default:
		return stack
	}
	method := "." + name
	at := slices.IndexFunc(stack, func(f Frame) bool {
		return strings.HasSuffix(f.Function, method) && f.Name() == "Queries"+method
	})
	if at <= 0 {
		return stack
	}
	return slices.Clip(stack[:at])
}

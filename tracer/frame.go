package tracer

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
)

// A Frame is one function of the application on the way to an [Event].
type Frame struct {
	// Function is the full name, as in "example.com/shop/orders.(*Service).List".
	Function string `json:"function"`
	// File is relative to the main module: "orders/service.go". In another module
	// it begins with the import path of its package. It is never absolute.
	File string `json:"file"`
	Line int    `json:"line"` // of the call that leads to the next frame, or to the event
}

// Name returns the function as people call it: "Service.List".
func (f Frame) Name() string { return callsite.Name(f.Function) }

// Site returns where the frame is: "orders/service.go:12".
func (f Frame) Site() string { return fmt.Sprintf("%s:%d", f.File, f.Line) }

// frameOf returns the place of a caller, if it is known.
func frameOf(caller uintptr) (Frame, bool) {
	if caller == 0 {
		return Frame{}, false
	}
	frame, ok := callsite.FrameOf(caller)
	return Frame(frame), ok
}

// A stack is where an event began. Turning it into frames waits until the scope
// ends, as naming does.
type stack struct {
	recorder *Recorder
	callers  []uintptr // innermost first
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
		p     = callsite.ThisProgram()
		sites = make(map[stackKey][]callsite.Site)
	)
	scope.each(func(c *call) {
		if c.caller != 0 && f.callers[c.caller] == nil {
			if frame, ok := callsite.FrameOf(c.caller); ok {
				f.callers[c.caller] = []Frame{Frame(frame)}
			}
		}
		if c.more == nil || c.more.stack == nil {
			return
		}
		if key := c.more.stack.key(); sites[key] == nil {
			sites[key] = p.Sites(c.more.stack.callers)
		}
	})
	f.stacks = make(map[stackKey][]Frame, len(sites))
	for key, s := range sites {
		var stack []Frame
		for _, frame := range p.Frames(s, key.recorder.SkipFrames) {
			stack = append(stack, Frame(frame))
		}
		f.stacks[key] = slices.Clip(stack) // which events share
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

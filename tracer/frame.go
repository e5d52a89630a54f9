package tracer

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/tracer/internal/callsite"
)

// A Frame is one function of the application on the stack of an [Event].
type Frame struct {
	// Function is the full name, such as "example.com/shop/orders.(*Service).List".
	Function string `json:"function"`
	// File is relative to the main module, such as "orders/service.go". In other modules it
	// begins with the import path of the package. It is never absolute.
	File string `json:"file"`
	Line int    `json:"line"` // of the call that leads to the next frame or to the event
}

// Name returns the short name of the function, such as "Service.List".
func (f Frame) Name() string { return callsite.Name(f.Function) }

// Site returns the position of the frame, such as "orders/service.go:12".
func (f Frame) Site() string { return fmt.Sprintf("%s:%d", f.File, f.Line) }

// frameOf returns the frame of a caller, if it is known.
func frameOf(caller uintptr) (Frame, bool) {
	if caller == 0 {
		return Frame{}, false
	}
	frame, ok := callsite.FrameOf(caller)
	return Frame(frame), ok
}

// A stack is the origin of an event. It becomes frames when the scope ends, as statements get
// their names.
type stack struct {
	recorder *Recorder
	callers  []uintptr // innermost first
}

// A stackKey is equal for stacks with the same frames.
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

// frames caches the frames of a scope's calls. They are few, because fan-out comes from the same
// line again and again.
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
		if f.callers[c.caller] == nil {
			if frame, ok := frameOf(c.caller); ok {
				f.callers[c.caller] = []Frame{frame}
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
		f.stacks[key] = slices.Clip(stack) // shared by events
	}
	return f
}

// into sets the frames of e to those of c.
func (f frames) into(e *Event, c *call) {
	switch {
	case c.more != nil && c.more.stack != nil:
		e.Stack = f.stacks[c.more.stack.key()]
	case c.caller != 0:
		e.Stack = f.callers[c.caller]
	}
}

// withoutStore cuts a stack off where it enters the method that sqlc generated for the statement,
// because the statement's name identifies the method.
func withoutStore(stack []Frame, kind Kind, name string) []Frame {
	if kind != KindQuery && kind != KindPrepare && kind != KindSetup {
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

package tracer

import (
	"runtime"
	"slices"
)

// maxFrames bounds what a stack keeps: the innermost calls.
const maxFrames = 128

// A stack is where an event began. Turning it into frames waits until the scope
// ends, as naming does.
type stack struct {
	recorder *Recorder
	callers  []uintptr // innermost first
}

// stack returns what called begin.
func (r *Recorder) stack() *stack {
	const self = 3 // runtime.Callers, stack, begin
	var buffer [maxFrames]uintptr
	n := runtime.Callers(self, buffer[:])
	return &stack{recorder: r, callers: slices.Clone(buffer[:n])}
}

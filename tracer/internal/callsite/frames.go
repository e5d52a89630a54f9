package callsite

import (
	"runtime"
	"slices"
)

// A Frame is the internal form of tracer.Frame.
type Frame struct {
	Function, File string
	Line           int
}

// Sites returns the calls of a stack, outermost first. Any of them may show p where the main
// module is, so call it for all stacks before the first Frames.
func (p *Program) Sites(callers []uintptr) []Site {
	sites := sitesOf(callers)
	p.learn(sites)
	return sites
}

func sitesOf(callers []uintptr) []Site {
	var sites []Site
	frames := runtime.CallersFrames(callers)
	for more := len(callers) > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if frame.Function != "" { // otherwise not Go
			sites = append(sites, Site{function: frame.Function, file: frame.File, line: frame.Line})
		}
	}
	slices.Reverse(sites)
	return sites
}

// FrameOf returns the frame of one program counter.
func FrameOf(caller uintptr) (Frame, bool) {
	p := ThisProgram()
	sites := p.Sites([]uintptr{caller})
	p.attribute(sites)
	if len(sites) == 0 {
		return Frame{}, false
	}
	return p.frame(sites[0]), true
}

// Frames returns the frames of the user's own code, without functions whose names begin with an
// element of skip.
func (p Program) Frames(sites []Site, skip []string) []Frame {
	p.attribute(sites)
	var frames []Frame
	for _, s := range merged(p.withoutSkipped(sites, skip)) {
		frames = append(frames, p.frame(s))
	}
	return frames
}

func (p Program) frame(s Site) Frame {
	return Frame{Function: s.function, File: p.relative(s.folder, s.file), Line: s.line}
}

// attribute gives each closure the name of the function that contains it.
func (p Program) attribute(sites []Site) {
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

// merged merges a function and the closure that continues it. The calls between only passed the
// closure on.
func merged(sites []Site) []Site {
	var stack []Site
	for _, s := range sites {
		at := slices.IndexFunc(stack, func(outer Site) bool { return outer.owner == s.owner })
		if at >= 0 {
			stack = stack[:at]
		}
		stack = append(stack, s)
	}
	return stack
}

package reporttest

import (
	"math/rand/v2"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// An Operation is code that does not run but leaves a recording.
type Operation struct {
	Events []tracer.Event
	Stack  []tracer.Frame
	parent []int // open checks and batches
}

// Operate returns the recording of run.
func Operate(run func(o *Operation)) tracer.Recording {
	var o Operation
	run(&o)
	return tracer.Recording{Events: o.Events}
}

// Call runs body in function, of file, called from line of the current function.
func (o *Operation) Call(line int, function, file string, body func()) {
	o.at(line)
	o.Stack = append(o.Stack, Frame(function, file, 0))
	body()
	o.Stack = o.Stack[:len(o.Stack)-1]
}

func (o *Operation) at(line int) {
	if len(o.Stack) > 0 {
		o.Stack[len(o.Stack)-1].Line = line
	}
}

// Event adds an event at line of the current function, with the events of during within it.
func (o *Operation) Event(line int, kind tracer.Kind, name, argument string, during ...func()) {
	o.at(line)
	e := event(kind, name, argument, slices.Clone(o.Stack))
	if len(o.parent) > 0 {
		e.Parent = o.parent[len(o.parent)-1]
	}
	o.parent = append(o.parent, len(o.Events))
	o.Events = append(o.Events, e)
	for _, f := range during {
		f()
	}
	o.parent = o.parent[:len(o.parent)-1]
}

// Query adds a query.
func (o *Operation) Query(line int, name, argument string) {
	o.Event(line, tracer.KindQuery, name, argument)
}

// Check adds a check.
func (o *Operation) Check(line int, label, argument string) {
	o.Event(line, tracer.KindCheck, label, argument)
}

// Result returns the result of a cell of scenario agents.
func Result(version string, n int, recording tracer.Recording) scenarios.Result {
	result := Ran(version, "agents", n, "200 agent-1")
	result.Recording = recording
	return result
}

// RandomTree returns a tree with few names, so that any two trees have much in common, and calls
// of the same name nest.
func RandomTree(random *rand.Rand, events int) calltree.Tree {
	return calltree.New(Result("v", 1, Operate(func(o *Operation) {
		for range events {
			var down func(depth int)
			down = func(depth int) {
				if depth == 0 {
					name := string(rune('a' + random.IntN(3)))
					if random.IntN(2) == 0 {
						o.Query(random.IntN(2), name, name)
					} else {
						o.Check(random.IntN(2), name, name)
					}
					return
				}
				o.Call(random.IntN(2), "p."+string(rune('f'+random.IntN(3))), "p.go", func() { down(depth - 1) })
			}
			down(random.IntN(5))
		}
	})))
}

package report_test

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// An operation is code that runs nowhere: it only leaves a recording.
type operation struct {
	events []tracer.Event
	stack  []tracer.Frame
	parent []int // the checks and batches that are going on
}

func operate(run func(o *operation)) tracer.Recording {
	var o operation
	run(&o)
	return tracer.Recording{Events: o.events}
}

// call runs body in function, of file, called from line of the current function.
func (o *operation) call(line int, function, file string, body func()) {
	o.at(line)
	o.stack = append(o.stack, tracer.Frame{Function: "example.com/shop/" + function, File: file})
	body()
	o.stack = o.stack[:len(o.stack)-1]
}

func (o *operation) at(line int) {
	if len(o.stack) > 0 {
		o.stack[len(o.stack)-1].Line = line
	}
}

// event happens at line of the current function, and within it what during does. Events
// of a kind with equal names and arguments do the same work; without an argument
// that is not known.
func (o *operation) event(line int, kind tracer.Kind, name, argument string, during ...func()) {
	o.at(line)
	e := tracer.Event{Kind: kind, Outcome: tracer.Done, Name: name, Parent: -1, Stack: slices.Clone(o.stack), RoundTrips: roundTrips(kind)}
	if len(o.parent) > 0 {
		e.Parent = o.parent[len(o.parent)-1]
	}
	if argument != "" {
		h := fnv.New64a()
		h.Write([]byte(string(kind) + "\x00" + name + "\x00" + argument))
		e.Identity = h.Sum64()
	}
	o.parent = append(o.parent, len(o.events))
	o.events = append(o.events, e)
	for _, f := range during {
		f()
	}
	o.parent = o.parent[:len(o.parent)-1]
}

func (o *operation) query(line int, name, argument string) {
	o.event(line, tracer.Query, name, argument)
}

func (o *operation) check(line int, label, argument string) {
	o.event(line, tracer.Check, label, argument)
}

func result(version string, n int, recording tracer.Recording) scenarios.Result {
	return scenarios.Result{
		Cell:      scenarios.Cell{Scenario: "agents", N: n, Version: version},
		Outcome:   "200 agent-1",
		Recording: recording,
	}
}

// randomTree has few names, so that much of any two is alike, and calls of the same
// name below each other.
func randomTree(random *rand.Rand, events int) report.Tree {
	return report.NewTree(result("v", 1, operate(func(o *operation) {
		for range events {
			var down func(depth int)
			down = func(depth int) {
				if depth == 0 {
					name := string(rune('a' + random.IntN(3)))
					if random.IntN(2) == 0 {
						o.query(random.IntN(2), name, name)
					} else {
						o.check(random.IntN(2), name, name)
					}
					return
				}
				o.call(random.IntN(2), "p."+string(rune('f'+random.IntN(3))), "p.go", func() { down(depth - 1) })
			}
			down(random.IntN(5))
		}
	})))
}

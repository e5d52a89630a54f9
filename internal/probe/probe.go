// Package probe says what work is added to runs of an operation, in its scope, to find out
// whether a gate would notice it. Whoever proves a gate asks for it in the context of a
// measurement.
package probe

import (
	"context"
	"sync"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Probe is such work.
type Probe struct {
	Check bool // a check; else a statement
	PerN  bool // one for each N; else one
}

// Name is what statements and checks of probes are called.
const Name = "FanoutBenchProbe"

// All returns those that show whether a gate sees what it is there for.
func All() []Probe { return []Probe{{}, {PerN: true}, {Check: true}} }

// String returns what is added: "one more statement for each N".
func (p Probe) String() string {
	what := "statement"
	if p.Check {
		what = "check"
	}
	if p.PerN {
		return "one more " + what + " for each N"
	}
	return "one more " + what
}

// Metric returns what a probe adds to.
func (p Probe) Metric() tracer.Metric {
	if p.Check {
		return tracer.RBAC
	}
	return tracer.SQL
}

// Key returns what p is called in file names: "statement-per-n".
func (p Probe) Key() string {
	key := "statement"
	if p.Check {
		key = "check"
	}
	if p.PerN {
		key += "-per-n"
	}
	return key
}

// Runs are what was recorded with probes. It is safe for concurrent use; nil holds none, and
// asks for none.
type Runs struct {
	probes []Probe

	mu         sync.Mutex
	recordings map[run]tracer.Recording
}

type run struct {
	cell any // a scenarios.Cell
	Probe
}

type runsKey struct{}

// Wanted returns a context that has each cell that is measured with it run once more with
// each probe, and where that is recorded. Without probes that is nil.
func Wanted(ctx context.Context, probes []Probe) (context.Context, *Runs) {
	if len(probes) == 0 {
		return ctx, nil
	}
	runs := &Runs{probes: probes, recordings: map[run]tracer.Recording{}}
	return context.WithValue(ctx, runsKey{}, runs), runs
}

// From returns the Runs that ctx asks for, or nil.
func From(ctx context.Context) *Runs {
	runs, _ := ctx.Value(runsKey{}).(*Runs)
	return runs
}

// Probes returns those that are asked for.
func (r *Runs) Probes() []Probe {
	if r == nil {
		return nil
	}
	return r.probes
}

// Add records the run of a cell with p.
func (r *Runs) Add(cell any, p Probe, recording tracer.Recording) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recordings[run{cell, p}] = recording
}

// Of returns the run of a cell with p. There is none where p had nothing to be added to.
func (r *Runs) Of(cell any, p Probe) (recording tracer.Recording, ok bool) {
	if r == nil {
		return recording, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	recording, ok = r.recordings[run{cell, p}]
	return recording, ok
}

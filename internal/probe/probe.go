// Package probe defines the work that is added to runs, in their scope, to prove that a gate
// notices it. The context of a measurement requests it.
package probe

import (
	"context"
	"sync"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Probe is added work.
type Probe struct {
	Check bool // a check; otherwise a statement
	PerN  bool // one for each N; otherwise one
}

// Name is the name of the statements and checks of probes.
const Name = "FanoutBenchProbe"

// All returns the probes that show whether a gate works.
func All() []Probe { return []Probe{{}, {PerN: true}, {Check: true}} }

// String describes the added work: "one more statement for each N".
func (p Probe) String() string {
	if p.PerN {
		return "one more " + p.what() + " for each N"
	}
	return "one more " + p.what()
}

func (p Probe) what() string {
	if p.Check {
		return "check"
	}
	return "statement"
}

// Metric returns the metric that a probe raises.
func (p Probe) Metric() tracer.Metric {
	if p.Check {
		return tracer.RBAC
	}
	return tracer.SQL
}

// Key returns the name of p in file names: "statement-per-n".
func (p Probe) Key() string {
	if p.PerN {
		return p.what() + "-per-n"
	}
	return p.what()
}

// Runs are the recorded runs with probes. It is safe for concurrent use; nil has and requests
// none.
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

// Wanted returns a context that makes each cell run once more with each probe, and the Runs for
// that. Without probes they are nil.
func Wanted(ctx context.Context, probes []Probe) (context.Context, *Runs) {
	if len(probes) == 0 {
		return ctx, nil
	}
	runs := &Runs{probes: probes, recordings: map[run]tracer.Recording{}}
	return context.WithValue(ctx, runsKey{}, runs), runs
}

// From returns the Runs of ctx, or nil.
func From(ctx context.Context) *Runs {
	runs, _ := ctx.Value(runsKey{}).(*Runs)
	return runs
}

// Probes returns the requested probes.
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

// Of returns the run of a cell with p, if the probe could be added.
func (r *Runs) Of(cell any, p Probe) (recording tracer.Recording, ok bool) {
	if r == nil {
		return recording, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	recording, ok = r.recordings[run{cell, p}]
	return recording, ok
}

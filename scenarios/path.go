package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Path is a code path under measurement. Name, Versions and Scenarios are required, and
// no two versions or scenarios may have the same name: [Path.Cells] and [Runner.Run] return
// an error otherwise. It may be used by several goroutines as long as none changes it.
type Path struct {
	Name   string // as in result files: "agentauth"
	Schema string // SQL that makes an empty database ready; may be empty
	// ReadOnly promises that no operation writes. Cells then share one database
	// instead of getting one each, Setup must use keys of its own and store rows only,
	// and the server refuses writes on Env.Pool. Sessions of the server in which nothing
	// is left of a cell go on to the next.
	ReadOnly bool
	// SkipFrames lists functions that say nothing about who asked for a statement or
	// a check; see [tracer.Recorder].
	SkipFrames []string
	// Reference is the version that others are compared with by default.
	Reference string
	Versions  []Version // oldest first; at least one
	Scenarios []Scenario
}

// A Version is one implementation of a Path.
type Version struct {
	Name    string `json:"name"`             // "v2.33.0-rc.3"
	Source  string `json:"source,omitempty"` // where it is documented; may be empty
	Summary string `json:"summary"`          // one line on what sets it apart
}

// A Scenario is a situation that a Path is put through.
type Scenario struct {
	Name string
	// Unit is what one more of N adds, in the singular: "agent". Empty where there
	// is no N.
	Unit string
	// Counting says what N counts where Unit is too short for it: "agents, each on a
	// resource of its own".
	Counting string
	// Sweep holds the values of N measured by default, ascending; the first is
	// the least N that makes sense. Ignored without Unit.
	Sweep []int
	// Idle declares that the operation reaches neither the database nor the
	// authorization layer. Counting nothing is an error without it, counting
	// anything an error with it.
	Idle bool
	// Setup stores env.N units and returns the work to measure. It is not counted.
	// Required.
	Setup func(ctx context.Context, env Env) (Operation, error)
}

// A Cell is one thing to measure. N is 0 for a scenario without N.
type Cell struct {
	Scenario string
	N        int
	Version  string
}

// String returns the cell as commands take it: "v2.33.0-rc.3 agents/2".
func (c Cell) String() string { return fmt.Sprintf("%s %s/%d", c.Version, c.Scenario, c.N) }

// Cells returns all there is to measure: scenarios and versions in the order of p, N
// ascending. The error says what is wrong with p.
func (p *Path) Cells() ([]Cell, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var cells []Cell
	for _, sc := range p.Scenarios {
		sweep := sc.Sweep
		if sc.Unit == "" {
			sweep = []int{0}
		}
		for _, n := range sweep {
			for _, v := range p.Versions {
				cells = append(cells, Cell{Scenario: sc.Name, N: n, Version: v.Name})
			}
		}
	}
	return cells, nil
}

// check reports what cannot be measured as it is declared.
func (p *Path) check() error {
	if len(p.Versions) == 0 {
		return fmt.Errorf("path %q has no version", p.Name)
	}
	var versions, scenarios []string
	for _, v := range p.Versions {
		versions = append(versions, v.Name)
	}
	for _, s := range p.Scenarios {
		scenarios = append(scenarios, s.Name)
	}
	if err := cmp.Or(unique("version", versions), unique("scenario", scenarios)); err != nil {
		return err
	}
	if p.Reference != "" && !slices.Contains(versions, p.Reference) {
		return fmt.Errorf("path %q has no version %q, its Reference", p.Name, p.Reference)
	}
	for _, s := range p.Scenarios {
		switch {
		case s.Setup == nil:
			return fmt.Errorf("scenario %q has no Setup", s.Name)
		case s.Unit == "":
		case len(s.Sweep) == 0:
			return fmt.Errorf("scenario %q has a Unit but no Sweep", s.Name)
		case s.Sweep[0] < 0 || !slices.IsSorted(s.Sweep) || len(slices.Compact(slices.Clone(s.Sweep))) < len(s.Sweep):
			return fmt.Errorf("the Sweep of scenario %q is not ascending from 0 or more: %v", s.Name, s.Sweep)
		}
	}
	return nil
}

func unique(what string, names []string) error {
	for i, name := range names {
		if name == "" || slices.Contains(names[:i], name) {
			return fmt.Errorf("each %s needs a name of its own, not %q", what, name)
		}
	}
	return nil
}

// SweepFrom returns the values of 0, 1, 2, 3, 4, 8 and 16 that are not less than least,
// for [Scenario.Sweep]: small values where a fan-out shows first, then doubled to tell
// a line from a curve.
func SweepFrom(least int) []int {
	return slices.DeleteFunc([]int{0, 1, 2, 3, 4, 8, 16}, func(n int) bool { return n < least })
}

// Env is what a cell's Setup works with. Its fields are set, except where the caller of
// [Runner.Measure] leaves the pools out.
type Env struct {
	Version string // name of the version to measure
	N       int
	// Pool is what the measured code must use. It is traced.
	Pool *pgxpool.Pool
	// Fixtures is where Setup stores its rows. It is not traced.
	Fixtures *pgxpool.Pool
	// Recorder counts what happens on Pool, and the checks of an authorization
	// layer wrapped with [tracer.CountChecks].
	Recorder *tracer.Recorder
}

// An Operation is the measured work, ready to be run several times in a row.
type Operation struct {
	// Run does the work, and passes ctx on to all of it: what runs under another
	// context is an error of the cell. Required.
	Run func(ctx context.Context) error
	// Outcome says what came of the latest Run, in a word or two for result
	// files ("200 agent-1"). It is called after each Run and not counted. Nil
	// means the outcome of a Run without an error is "ok".
	Outcome func(ctx context.Context) (string, error)
	// Expect is the outcome this version must come to: work that ended otherwise
	// is not compared. Empty means "ok".
	Expect string
}

package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Path is a code path under measurement. Name, Versions and Scenarios are required. Names of
// versions and of scenarios must be unique, or [Path.Cells] and [Runner.Run] return an error.
// Several goroutines may use a Path while none changes it.
type Path struct {
	Name   string // the name in result files: "agentauth"
	Schema string // SQL to apply to an empty database; may be empty
	// ReadOnly promises that no operation writes. Then cells share one database: Setup must
	// use unique keys and only store rows, and the server refuses writes on Env.Pool. Later
	// cells may reuse sessions that keep no state.
	ReadOnly bool
	// SkipFrames lists functions that say nothing about the origin of a statement or check;
	// see [tracer.Recorder].
	SkipFrames []string
	// Reference is the version to compare others with by default.
	Reference string
	Versions  []Version // oldest first; at least one
	Scenarios []Scenario
}

// A Version is one implementation of a Path.
type Version struct {
	Name    string `json:"name"`             // "v2.33.0-rc.3"
	Source  string `json:"source,omitempty"` // URL that documents it; may be empty
	Summary string `json:"summary"`          // one line on how it differs
}

// A Scenario is one situation for a Path.
type Scenario struct {
	Name string
	// Unit is what N counts, in the singular: "agent". It is empty if there is no N.
	Unit string
	// Counting explains N if Unit is not enough: "agents, each on a resource of its own".
	Counting string
	// Sweep holds the default values of N, ascending. The first is the least N that makes
	// sense. Without Unit it is ignored.
	Sweep []int
	// Idle declares that the operation reaches neither the database nor the authorization
	// layer. With Idle any count is an error; without it an empty count is.
	Idle bool
	// Setup stores env.N units and returns the work to measure. It is required and not
	// counted.
	Setup func(ctx context.Context, env Env) (Operation, error)
}

// A Cell is one measurement. N is 0 for a scenario without N.
type Cell struct {
	Scenario string `json:"scenario"`
	N        int    `json:"n"`
	Version  string `json:"version"`
}

// String returns the cell as in commands: "v2.33.0-rc.3 agents/2".
func (c Cell) String() string { return fmt.Sprintf("%s %s/%d", c.Version, c.Scenario, c.N) }

// Cells returns all cells: scenarios and versions in the order of p, N ascending. It returns an
// error if p is invalid.
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

// check returns an error if p is invalid.
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
			return fmt.Errorf("each %s needs a unique name, not %q", what, name)
		}
	}
	return nil
}

// Env is the environment of a cell's Setup. All fields are set, except pools that the caller of
// [Runner.Measure] omits.
type Env struct {
	Version string // name of the version to measure
	N       int
	// Pool is what the measured code must use. It is traced.
	Pool *pgxpool.Pool
	// Fixtures is for Setup to store rows. It is not traced.
	Fixtures *pgxpool.Pool
	// Recorder counts what happens on Pool, and the checks of an authorization
	// layer wrapped with [tracer.CountChecks].
	Recorder *tracer.Recorder
}

// An Operation is the measured work. It can run several times in a row.
type Operation struct {
	// Run does the work. It must pass ctx on: work under another context is an error of the
	// cell. Required.
	Run func(ctx context.Context) error
	// Outcome describes the result of the latest Run in a word or two for result files
	// ("200 agent-1"). It is called after each Run and not counted. If it is nil, a Run
	// without an error has the outcome "ok".
	Outcome func(ctx context.Context) (string, error)
	// Expect is the outcome that this version must have, because work with another outcome
	// is not comparable. Empty means "ok".
	Expect string
}

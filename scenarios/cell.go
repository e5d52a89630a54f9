package scenarios

import (
	"fmt"
	"slices"
	"strings"
)

// A Cell is one thing to measure. N is 0 for a scenario without N.
type Cell struct {
	Scenario string
	N        int
	Version  string
}

// String returns the cell as commands take it: "v2.33.0-rc.3 agents/2".
func (c Cell) String() string { return fmt.Sprintf("%s %s/%d", c.Version, c.Scenario, c.N) }

// A Selection narrows the cells of a Path. Empty fields select everything.
type Selection struct {
	Versions  []string
	Scenarios []string
	// N replaces the sweep of every scenario that has an N, as far as the values
	// are not less than the first of its sweep. Scenarios without N are not affected.
	N []int
}

// Covers reports whether s selects a cell of p, or one that p does not have any
// more.
func (p *Path) Covers(s Selection, c Cell) bool {
	sc, known := p.scenario(c.Scenario)
	fixed := known && sc.Unit == "" || !known && c.N == 0
	return selected(s.Versions, c.Version) && selected(s.Scenarios, c.Scenario) &&
		(fixed || len(s.N) == 0 || slices.Contains(s.N, c.N))
}

// Has reports whether p can measure c.
func (p *Path) Has(c Cell) bool {
	sc, known := p.scenario(c.Scenario)
	if !known || !slices.Contains(p.versionNames(), c.Version) {
		return false
	}
	return slices.Contains(sc.values([]int{c.N}), c.N)
}

// An UnknownNameError reports a name that a Path does not have.
type UnknownNameError struct {
	What  string // "version", "scenario" or "workload"
	Name  string
	Valid []string
	// Workload: a workload has that name, which is not counted but put under load.
	Workload bool
}

func (e *UnknownNameError) Error() string {
	if e.Workload {
		return fmt.Sprintf("%q is a workload and no %s; put it under load, with 'fanout-bench saturate --workload %s'", e.Name, e.What, e.Name)
	}
	return fmt.Sprintf("unknown %s %q; valid: %s", e.What, e.Name, e.List())
}

// List is Valid in one line.
func (e *UnknownNameError) List() string { return strings.Join(e.Valid, ", ") }

// Cells returns the selected cells: scenarios and versions in the order of p, N
// ascending. A name that p does not have is an [*UnknownNameError], any other error says
// what is wrong with p. The result is empty where s leaves nothing.
func (p *Path) Cells(s Selection) ([]Cell, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	versions, err := p.SelectVersions(s.Versions)
	if err != nil {
		return nil, err
	}
	for _, name := range s.Scenarios {
		if _, ok := p.scenario(name); !ok {
			return nil, &UnknownNameError{
				What: "scenario", Name: name, Valid: p.scenarioNames(),
				Workload: slices.Contains(p.workloadNames(), name),
			}
		}
	}
	var cells []Cell
	for _, sc := range p.Scenarios {
		if !selected(s.Scenarios, sc.Name) {
			continue
		}
		for _, n := range sc.values(s.N) {
			for _, v := range versions {
				cells = append(cells, Cell{Scenario: sc.Name, N: n, Version: v.Name})
			}
		}
	}
	return cells, nil
}

// SelectVersions returns the versions of those names in the order of p, or all if names
// is empty. A name that p does not have is an [*UnknownNameError].
func (p *Path) SelectVersions(names []string) ([]Version, error) {
	for _, name := range names {
		if !slices.Contains(p.versionNames(), name) {
			return nil, &UnknownNameError{What: "version", Name: name, Valid: p.versionNames()}
		}
	}
	return slices.DeleteFunc(slices.Clone(p.Versions), func(v Version) bool { return !selected(names, v.Name) }), nil
}

// values returns the Ns to measure, given those asked for.
func (sc Scenario) values(asked []int) []int {
	switch {
	case sc.Unit == "":
		return []int{0}
	case len(asked) == 0:
		return sc.Sweep
	}
	values := slices.DeleteFunc(slices.Clone(asked), func(n int) bool { return n < sc.Sweep[0] })
	slices.Sort(values)
	return slices.Compact(values)
}

func selected(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name)
}

func (p *Path) scenario(name string) (Scenario, bool) {
	i := slices.IndexFunc(p.Scenarios, func(s Scenario) bool { return s.Name == name })
	if i < 0 {
		return Scenario{}, false
	}
	return p.Scenarios[i], true
}

func (p *Path) versionNames() []string {
	var names []string
	for _, v := range p.Versions {
		names = append(names, v.Name)
	}
	return names
}

func (p *Path) scenarioNames() []string {
	var names []string
	for _, s := range p.Scenarios {
		names = append(names, s.Name)
	}
	return names
}

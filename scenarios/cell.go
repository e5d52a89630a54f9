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
	// make sense there. Scenarios without N are not affected.
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

// An UnknownError reports a name that does not exist.
type UnknownError struct {
	What  string // "version"
	Name  string
	Valid []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown %s %q; valid: %s", e.What, e.Name, strings.Join(e.Valid, ", "))
}

// Cells returns the selected cells: scenarios and versions in the order of p, N
// ascending. A name that p does not have is an [*UnknownError]. The result may be
// empty.
func (p *Path) Cells(s Selection) ([]Cell, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	for _, name := range s.Versions {
		if !slices.Contains(p.versionNames(), name) {
			return nil, &UnknownError{What: "version", Name: name, Valid: p.versionNames()}
		}
	}
	for _, name := range s.Scenarios {
		if _, ok := p.scenario(name); !ok {
			return nil, &UnknownError{What: "scenario", Name: name, Valid: p.scenarioNames()}
		}
	}
	var cells []Cell
	for _, sc := range p.Scenarios {
		if !selected(s.Scenarios, sc.Name) {
			continue
		}
		for _, n := range sc.values(s.N) {
			for _, v := range p.Versions {
				if selected(s.Versions, v.Name) {
					cells = append(cells, Cell{Scenario: sc.Name, N: n, Version: v.Name})
				}
			}
		}
	}
	return cells, nil
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

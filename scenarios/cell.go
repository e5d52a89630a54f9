package scenarios

import (
	"fmt"
	"slices"
)

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

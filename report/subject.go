package report

import (
	"slices"
	"strings"
)

// A Subject is what results are about.
type Subject struct {
	Name      string
	Reference string   // the version that others are compared with, if there is one
	Versions  []string // oldest first
	Scenarios []Scenario
	// Whole says that this is all there is, so that what is in a baseline and was not
	// measured is gone.
	Whole bool
}

// A Scenario is one of a Subject.
type Scenario struct {
	Name     string
	Unit     string // what one more of N adds, in the singular; empty: there is no N
	Counting string // what N counts, where Unit does not say it
	Idle     bool   // nothing is asked for in it
}

// Scenario returns the scenario of that name. Of one that s does not have, only the name is
// known.
func (s Subject) Scenario(name string) Scenario {
	i := slices.IndexFunc(s.Scenarios, func(s Scenario) bool { return s.Name == name })
	if i < 0 {
		return Scenario{Name: name}
	}
	return s.Scenarios[i]
}

// Subject returns what rows tell of what they are about.
func (r Rows) Subject() Subject {
	s := Subject{Name: r.Path}
	for _, row := range r.Rows {
		if !slices.Contains(s.Versions, row.Version) {
			s.Versions = append(s.Versions, row.Version)
		}
		if !slices.ContainsFunc(s.Scenarios, func(s Scenario) bool { return s.Name == row.Scenario }) {
			s.Scenarios = append(s.Scenarios, Scenario{Name: row.Scenario, Unit: r.Units[row.Scenario]})
		}
	}
	slices.Sort(s.Versions)
	slices.SortFunc(s.Scenarios, func(a, b Scenario) int { return strings.Compare(a.Name, b.Name) })
	return s
}

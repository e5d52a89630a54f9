// Package selection selects the measurements of a path that the user asks for.
package selection

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A Selection selects measurements of a Path. Empty fields select everything.
type Selection struct {
	Versions  []string
	Scenarios []string
	// N replaces the sweep of every scenario with an N. Values below the first of the sweep are
	// ignored. Scenarios without N are not affected.
	N []int
}

// An UnknownNameError reports a name that a Path does not have.
type UnknownNameError struct {
	What  string // "version", "scenario" or "workload"
	Name  string
	Valid []string
}

func (e *UnknownNameError) Error() string {
	return fmt.Sprintf("unknown %s %q; valid: %s", e.What, e.Name, e.List())
}

// List returns Valid in one line.
func (e *UnknownNameError) List() string { return strings.Join(e.Valid, ", ") }

// Cells returns the selected measurements of p in the order of [scenarios.Path.Cells], with N
// ascending. For an unknown name it returns an [*UnknownNameError]; other errors mean that p
// is invalid. The result is empty if s leaves nothing.
func (s Selection) Cells(p *scenarios.Path) ([]scenarios.Cell, error) {
	if _, err := p.Cells(); err != nil {
		return nil, err
	}
	versions, err := Versions(p, s.Versions)
	if err != nil {
		return nil, err
	}
	var valid []string
	narrowed := *p
	narrowed.Versions, narrowed.Reference, narrowed.Scenarios = versions, "", nil
	for _, sc := range p.Scenarios {
		valid = append(valid, sc.Name)
		if !includes(s.Scenarios, sc.Name) {
			continue
		}
		if sc.Unit != "" && len(s.N) > 0 {
			least := sc.Sweep[0]
			asked := slices.DeleteFunc(slices.Clone(s.N), func(n int) bool { return n < least })
			slices.Sort(asked)
			if sc.Sweep = slices.Compact(asked); len(sc.Sweep) == 0 {
				continue
			}
		}
		narrowed.Scenarios = append(narrowed.Scenarios, sc)
	}
	for _, name := range s.Scenarios {
		if !slices.Contains(valid, name) {
			return nil, &UnknownNameError{What: "scenario", Name: name, Valid: valid}
		}
	}
	return narrowed.Cells()
}

// Covers reports whether s selects a measurement, even one that p no longer has.
func (s Selection) Covers(p *scenarios.Path, c scenarios.Cell) bool {
	i := slices.IndexFunc(p.Scenarios, func(sc scenarios.Scenario) bool { return sc.Name == c.Scenario })
	fixed := i < 0 && c.N == 0 || i >= 0 && p.Scenarios[i].Unit == ""
	return includes(s.Versions, c.Version) && includes(s.Scenarios, c.Scenario) &&
		(fixed || len(s.N) == 0 || slices.Contains(s.N, c.N))
}

// Has reports whether p can measure c.
func Has(p *scenarios.Path, c scenarios.Cell) bool {
	cells, _ := Selection{[]string{c.Version}, []string{c.Scenario}, []int{c.N}}.Cells(p) // none if p does not have c
	return slices.Contains(cells, c)
}

// Versions returns the versions with those names in the order of p, or all if names is empty.
// For an unknown name it returns an [*UnknownNameError].
func Versions(p *scenarios.Path, names []string) ([]scenarios.Version, error) {
	var valid []string
	for _, v := range p.Versions {
		valid = append(valid, v.Name)
	}
	for _, name := range names {
		if !slices.Contains(valid, name) {
			return nil, &UnknownNameError{What: "version", Name: name, Valid: valid}
		}
	}
	return slices.DeleteFunc(slices.Clone(p.Versions), func(v scenarios.Version) bool { return !includes(names, v.Name) }), nil
}

func includes(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name)
}

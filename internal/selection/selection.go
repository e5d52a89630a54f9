// Package selection narrows what there is to measure of a path to what somebody asks for.
package selection

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// A Selection narrows the cells of a Path. Empty fields select everything.
type Selection struct {
	Versions  []string
	Scenarios []string
	// N replaces the sweep of every scenario that has an N, as far as the values
	// are not less than the first of its sweep. Scenarios without N are not affected.
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

// List is Valid in one line.
func (e *UnknownNameError) List() string { return strings.Join(e.Valid, ", ") }

// Cells returns the selected cells of p in the order of [scenarios.Path.Cells], N ascending.
// A name that p does not have is an [*UnknownNameError], any other error says what is wrong
// with p. The result is empty where s leaves nothing.
func (s Selection) Cells(p *scenarios.Path) ([]scenarios.Cell, error) {
	if _, err := p.Cells(); err != nil {
		return nil, err
	}
	versions, err := Versions(p, s.Versions)
	if err != nil {
		return nil, err
	}
	for _, name := range s.Scenarios {
		if _, ok := scenario(p, name); !ok {
			return nil, &UnknownNameError{What: "scenario", Name: name, Valid: scenarioNames(p)}
		}
	}
	narrowed := *p
	narrowed.Versions, narrowed.Reference, narrowed.Scenarios = versions, "", nil
	for _, sc := range p.Scenarios {
		if !includes(s.Scenarios, sc.Name) {
			continue
		}
		if sc.Unit != "" {
			if sc.Sweep = values(sc, s.N); len(sc.Sweep) == 0 {
				continue
			}
		}
		narrowed.Scenarios = append(narrowed.Scenarios, sc)
	}
	return narrowed.Cells()
}

// Covers reports whether s selects a cell of p, or one that p does not have any
// more.
func (s Selection) Covers(p *scenarios.Path, c scenarios.Cell) bool {
	sc, known := scenario(p, c.Scenario)
	fixed := known && sc.Unit == "" || !known && c.N == 0
	return includes(s.Versions, c.Version) && includes(s.Scenarios, c.Scenario) &&
		(fixed || len(s.N) == 0 || slices.Contains(s.N, c.N))
}

// Has reports whether p can measure c.
func Has(p *scenarios.Path, c scenarios.Cell) bool {
	sc, known := scenario(p, c.Scenario)
	if !known || !slices.Contains(versionNames(p), c.Version) {
		return false
	}
	if sc.Unit == "" {
		return c.N == 0
	}
	return slices.Contains(values(sc, []int{c.N}), c.N)
}

// Versions returns the versions of those names in the order of p, or all if names
// is empty. A name that p does not have is an [*UnknownNameError].
func Versions(p *scenarios.Path, names []string) ([]scenarios.Version, error) {
	valid := versionNames(p)
	for _, name := range names {
		if !slices.Contains(valid, name) {
			return nil, &UnknownNameError{What: "version", Name: name, Valid: valid}
		}
	}
	return slices.DeleteFunc(slices.Clone(p.Versions), func(v scenarios.Version) bool { return !includes(names, v.Name) }), nil
}

// values returns the Ns to measure of a scenario that has such, given those asked for.
func values(sc scenarios.Scenario, asked []int) []int {
	if len(asked) == 0 {
		return sc.Sweep
	}
	values := slices.DeleteFunc(slices.Clone(asked), func(n int) bool { return n < sc.Sweep[0] })
	slices.Sort(values)
	return slices.Compact(values)
}

func includes(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name)
}

func scenario(p *scenarios.Path, name string) (scenarios.Scenario, bool) {
	i := slices.IndexFunc(p.Scenarios, func(s scenarios.Scenario) bool { return s.Name == name })
	if i < 0 {
		return scenarios.Scenario{}, false
	}
	return p.Scenarios[i], true
}

func versionNames(p *scenarios.Path) []string {
	var names []string
	for _, v := range p.Versions {
		names = append(names, v.Name)
	}
	return names
}

func scenarioNames(p *scenarios.Path) []string {
	var names []string
	for _, s := range p.Scenarios {
		names = append(names, s.Name)
	}
	return names
}

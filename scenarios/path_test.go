package scenarios_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

func noSetup(context.Context, scenarios.Env) (scenarios.Operation, error) {
	return scenarios.Operation{}, errors.New("not to be called")
}

func TestPathThatCannotBeMeasured(t *testing.T) {
	good := scenarios.Scenario{Name: "items", Unit: "item", Sweep: []int{1, 2}, Setup: noSetup}
	change := func(f func(*scenarios.Scenario)) []scenarios.Scenario {
		s := good
		f(&s)
		return []scenarios.Scenario{s}
	}
	v1 := []scenarios.Version{{Name: "v1"}}
	for _, test := range []struct {
		path     scenarios.Path
		mentions string
	}{
		{scenarios.Path{Name: "p"}, `path "p" has no version`},
		{scenarios.Path{Versions: append(v1, v1...)}, `each version needs a unique name, not "v1"`},
		{scenarios.Path{Versions: []scenarios.Version{{}}}, `each version needs a unique name, not ""`},
		{scenarios.Path{Versions: v1, Scenarios: []scenarios.Scenario{good, good}}, `each scenario needs a unique name, not "items"`},
		{scenarios.Path{Versions: v1, Reference: "v2"}, `no version "v2", its Reference`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Setup = nil })}, `"items" has no Setup`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Sweep = nil })}, `has a Unit but no Sweep`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Sweep = []int{2, 1} })}, `not ascending from 0 or more: [2 1]`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Sweep = []int{1, 1} })}, `not ascending`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Sweep = []int{-1, 1} })}, `not ascending`},
	} {
		if _, err := test.path.Cells(); err == nil || !strings.Contains(err.Error(), test.mentions) {
			t.Errorf("%+v: got error %v, want one that mentions %q", test.path, err, test.mentions)
		}
	}
}

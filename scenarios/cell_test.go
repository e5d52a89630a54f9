package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

func TestCells(t *testing.T) {
	path := &scenarios.Path{
		Versions: []scenarios.Version{{Name: "old"}, {Name: "new"}},
		Scenarios: []scenarios.Scenario{
			{Name: "items", Unit: "item", Sweep: []int{1, 2}, Setup: noSetup},
			{Name: "leftovers", Unit: "leftover", Sweep: []int{0, 1}, Setup: noSetup},
			{Name: "login", Setup: noSetup},
		},
		Workloads: []scenarios.Workload{{Name: "crowd"}},
	}
	all := "old items/1, new items/1, old items/2, new items/2, " +
		"old leftovers/0, new leftovers/0, old leftovers/1, new leftovers/1, old login/0, new login/0"
	for _, test := range []struct {
		name      string
		selection scenarios.Selection
		want      string
	}{
		{"everything", scenarios.Selection{}, all},
		{"one version", scenarios.Selection{Versions: []string{"new"}, Scenarios: []string{"items"}}, "new items/1, new items/2"},
		{"N replaces the sweep, sorted and once each", scenarios.Selection{Versions: []string{"old"}, Scenarios: []string{"items"}, N: []int{9, 3, 3}}, "old items/3, old items/9"},
		{"N below the least is left out", scenarios.Selection{Versions: []string{"old"}, N: []int{0}}, "old leftovers/0, old login/0"},
		{"nothing left", scenarios.Selection{Scenarios: []string{"items"}, N: []int{0}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			cells, err := path.Cells(test.selection)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range cells {
				got = append(got, c.String())
			}
			if joined := strings.Join(got, ", "); joined != test.want {
				t.Errorf("got  %s\nwant %s", joined, test.want)
			}
		})
	}
	for _, test := range []struct {
		selection scenarios.Selection
		want      string
	}{
		{scenarios.Selection{Versions: []string{"newer"}}, `unknown version "newer"; valid: old, new`},
		{scenarios.Selection{Scenarios: []string{"item"}}, `unknown scenario "item"; valid: items, leftovers, login`},
		{
			scenarios.Selection{Scenarios: []string{"crowd"}},
			`"crowd" is a workload and no scenario; put it under load, with 'fanout-bench saturate --workload crowd'`,
		},
	} {
		_, err := path.Cells(test.selection)
		var unknown *scenarios.UnknownNameError
		if !errors.As(err, &unknown) || err.Error() != test.want {
			t.Errorf("Cells(%+v): got error %v, want %s", test.selection, err, test.want)
		}
	}
}

func TestHasAndCovers(t *testing.T) {
	path := &scenarios.Path{
		Versions: []scenarios.Version{{Name: "old"}, {Name: "new"}},
		Scenarios: []scenarios.Scenario{
			{Name: "items", Unit: "item", Sweep: []int{1, 2}, Setup: noSetup},
			{Name: "login", Setup: noSetup},
		},
	}
	type selection = scenarios.Selection
	for _, test := range []struct {
		scenario string
		n        int
		version  string
		has      bool
		selection
		covers bool
	}{
		{"items", 1, "old", true, selection{}, true},
		{"items", 7, "new", true, selection{}, true}, // though not in the sweep
		{"items", 0, "old", false, selection{}, true},
		{"items", 1, "older", false, selection{}, true},
		{"login", 0, "old", true, selection{}, true},
		{"login", 1, "old", false, selection{}, true},
		{"gone", 0, "old", false, selection{}, true},
		{"items", 1, "old", true, selection{Versions: []string{"old"}}, true},
		{"items", 1, "old", true, selection{Versions: []string{"new"}}, false},
		{"items", 1, "old", true, selection{Scenarios: []string{"items"}}, true},
		{"items", 1, "old", true, selection{Scenarios: []string{"login"}}, false},
		{"items", 1, "old", true, selection{Versions: []string{"new"}, Scenarios: []string{"login"}}, false},
		{"items", 1, "old", true, selection{N: []int{2, 1}}, true},
		{"items", 1, "old", true, selection{N: []int{2}}, false},
		{"login", 0, "old", true, selection{N: []int{2}}, true}, // which has no N to select
		{"gone", 0, "old", false, selection{N: []int{2}}, true},
		{"gone", 2, "old", false, selection{N: []int{2}}, true},
		{"gone", 1, "old", false, selection{N: []int{2}}, false},
		{"items", 0, "old", false, selection{N: []int{2}}, false},
	} {
		cell := scenarios.Cell{Scenario: test.scenario, N: test.n, Version: test.version}
		if has, covers := path.Has(cell), path.Covers(test.selection, cell); has != test.has || covers != test.covers {
			t.Errorf("%v: has it %t, %+v covers it %t; want %t, %t", cell, has, test.selection, covers, test.has, test.covers)
		}
	}
}

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
		{scenarios.Path{Versions: append(v1, v1...)}, `each version needs a name of its own, not "v1"`},
		{scenarios.Path{Versions: []scenarios.Version{{}}}, `each version needs a name of its own, not ""`},
		{scenarios.Path{Versions: v1, Scenarios: []scenarios.Scenario{good, good}}, `each scenario needs a name of its own, not "items"`},
		{scenarios.Path{Versions: v1, Workloads: []scenarios.Workload{{Name: "crowd"}, {Name: "crowd"}}}, `each workload needs a name of its own, not "crowd"`},
		{scenarios.Path{Versions: v1, Reference: "v2"}, `no version "v2", its Reference`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Setup = nil })}, `"items" has no Setup`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Sweep = nil })}, `has a Unit but no Sweep`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Sweep = []int{2, 1} })}, `not ascending from 0 or more: [2 1]`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Sweep = []int{1, 1} })}, `not ascending`},
		{scenarios.Path{Versions: v1, Scenarios: change(func(s *scenarios.Scenario) { s.Sweep = []int{-1, 1} })}, `not ascending`},
	} {
		if _, err := test.path.Cells(scenarios.Selection{N: []int{1}}); err == nil || !strings.Contains(err.Error(), test.mentions) {
			t.Errorf("%+v: got error %v, want one that mentions %q", test.path, err, test.mentions)
		}
	}
}

func TestSweepFrom(t *testing.T) {
	for least, want := range map[int][]int{0: {0, 1, 2, 3, 4, 8, 16}, 1: {1, 2, 3, 4, 8, 16}} {
		if got := scenarios.SweepFrom(least); !slices.Equal(got, want) {
			t.Errorf("SweepFrom(%d) = %s, want %s", least, fmt.Sprint(got), fmt.Sprint(want))
		}
	}
}

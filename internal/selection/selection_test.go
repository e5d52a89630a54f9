package selection_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/selection"
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
	}
	all := "old items/1, new items/1, old items/2, new items/2, " +
		"old leftovers/0, new leftovers/0, old leftovers/1, new leftovers/1, old login/0, new login/0"
	for _, test := range []struct {
		name      string
		selection selection.Selection
		want      string
	}{
		{"everything", selection.Selection{}, all},
		{"one version", selection.Selection{Versions: []string{"new"}, Scenarios: []string{"items"}}, "new items/1, new items/2"},
		{"N replaces the sweep, sorted and once each", selection.Selection{Versions: []string{"old"}, Scenarios: []string{"items"}, N: []int{9, 3, 3}}, "old items/3, old items/9"},
		{"N below the first of the sweep is ignored", selection.Selection{Versions: []string{"old"}, N: []int{0}}, "old leftovers/0, old login/0"},
		{"nothing left", selection.Selection{Scenarios: []string{"items"}, N: []int{0}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			cells, err := test.selection.Cells(path)
			must.Succeed(t, err)
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
		selection selection.Selection
		want      string
	}{
		{selection.Selection{Versions: []string{"newer"}}, `unknown version "newer"; valid: old, new`},
		{selection.Selection{Scenarios: []string{"item"}}, `unknown scenario "item"; valid: items, leftovers, login`},
	} {
		_, err := test.selection.Cells(path)
		var unknown *selection.UnknownNameError
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
	type asked = selection.Selection
	for _, test := range []struct {
		scenario string
		n        int
		version  string
		has      bool
		asked
		covers bool
	}{
		{"items", 1, "old", true, asked{}, true},
		{"items", 7, "new", true, asked{}, true}, // not in the sweep
		{"items", 0, "old", false, asked{}, true},
		{"items", 1, "older", false, asked{}, true},
		{"login", 0, "old", true, asked{}, true},
		{"login", 1, "old", false, asked{}, true},
		{"gone", 0, "old", false, asked{}, true},
		{"items", 1, "old", true, asked{Versions: []string{"old"}}, true},
		{"items", 1, "old", true, asked{Versions: []string{"new"}}, false},
		{"items", 1, "old", true, asked{Scenarios: []string{"items"}}, true},
		{"items", 1, "old", true, asked{Scenarios: []string{"login"}}, false},
		{"items", 1, "old", true, asked{Versions: []string{"new"}, Scenarios: []string{"login"}}, false},
		{"items", 1, "old", true, asked{N: []int{2, 1}}, true},
		{"items", 1, "old", true, asked{N: []int{2}}, false},
		{"login", 0, "old", true, asked{N: []int{2}}, true}, // which has no N to select
		{"gone", 0, "old", false, asked{N: []int{2}}, true},
		{"gone", 2, "old", false, asked{N: []int{2}}, true},
		{"gone", 1, "old", false, asked{N: []int{2}}, false},
		{"items", 0, "old", false, asked{N: []int{2}}, false},
	} {
		cell := scenarios.Cell{Scenario: test.scenario, N: test.n, Version: test.version}
		if has, covers := selection.Has(path, cell), test.Covers(path, cell); has != test.has || covers != test.covers {
			t.Errorf("%v: Has is %t, Covers of %+v is %t; want %t, %t", cell, has, test.asked, covers, test.has, test.covers)
		}
	}
}

func noSetup(context.Context, scenarios.Env) (scenarios.Operation, error) {
	return scenarios.Operation{}, errors.New("not to be called")
}

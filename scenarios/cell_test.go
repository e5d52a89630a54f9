package scenarios_test

import (
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
			{Name: "items", Unit: "item", Sweep: []int{1, 2}},
			{Name: "leftovers", Unit: "leftover", Sweep: []int{0, 1}},
			{Name: "login"},
		},
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
	} {
		_, err := path.Cells(test.selection)
		var unknown *scenarios.UnknownError
		if !errors.As(err, &unknown) || err.Error() != test.want {
			t.Errorf("Cells(%+v): got error %v, want %s", test.selection, err, test.want)
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

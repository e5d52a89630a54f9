package findings_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func TestFirstRunNotes(t *testing.T) {
	type costs struct{ sql, rbac int }
	for _, test := range []struct {
		name         string
		ns           []int
		first, later func(n int) costs
		says         string // empty: nothing
	}{
		{"the same", []int{1, 2, 3, 4, 8}, func(n int) costs { return costs{1 + n, 1} }, func(n int) costs { return costs{1 + n, 1} }, ""},
		{"a line that is cached", []int{1, 2, 3, 4, 8}, func(n int) costs { return costs{1 + n, 1} }, func(int) costs { return costs{1, 1} },
			"the first run costs SQL 1 + N, later ones SQL 1: it leaves something behind that saves them work, such as a cache or changed data"},
		{"both", []int{1, 2, 3, 4, 8}, func(n int) costs { return costs{1 + n, n} }, func(int) costs { return costs{1, 0} },
			"the first run costs SQL 1 + N and RBAC N, later ones SQL 1 and RBAC 0: it leaves something behind that saves them work, such as a cache or changed data"},
		{"checks", []int{1, 2, 3}, func(int) costs { return costs{1, 2} }, func(int) costs { return costs{1, 1} },
			"the first run costs RBAC 2, later ones RBAC 1: it leaves something behind that saves them work, such as a cache or changed data"},
		{"what all N share", []int{1, 2, 3, 4, 8}, func(n int) costs { return costs{1 + 1/n, 0} }, func(int) costs { return costs{1, 0} },
			"at N=1 the first run costs SQL 2, later ones SQL 1: it leaves something behind that saves them work, such as a cache or changed data"},
		{"more at small N", []int{1, 2, 3, 4, 8}, func(n int) costs { return costs{max(4-n, 1), 0} }, func(int) costs { return costs{1, 0} },
			"the first run costs SQL 3, 2, then 1 from N=3 on, later ones SQL 1: it leaves something behind that saves them work, such as a cache or changed data"},
		{"by no law", []int{1, 2, 3, 4}, func(n int) costs { return costs{1 << n, 0} }, func(n int) costs { return costs{n, 0} },
			"the first run costs SQL 2, 4, 8, 16, later ones SQL N: it leaves something behind that saves them work, such as a cache or changed data"},
		{"less", []int{1, 2, 3}, func(int) costs { return costs{1, 0} }, func(n int) costs { return costs{1 + n, 0} },
			"the first run costs SQL 1, later ones SQL 1 + N: it leaves something behind that costs them work"},
		{"more and less", []int{1, 2, 3}, func(int) costs { return costs{3, 0} }, func(int) costs { return costs{1, 2} },
			"the first run costs SQL 3 and RBAC 0, later ones SQL 1 and RBAC 2: it leaves something behind that changes their work"},
		{"without N", []int{0}, func(int) costs { return costs{7, 1} }, func(int) costs { return costs{1, 1} },
			"the first run costs SQL 7, later ones SQL 1: it leaves something behind that saves them work, such as a cache or changed data"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := report.File{FirstRuns: []report.FirstRun{{Cell: scenarios.Cell{Scenario: "other", Version: "v1", N: 1}, SQL: 99}, {Cell: scenarios.Cell{Scenario: "agents", Version: "v2", N: 1}, SQL: 99}}}
			for _, n := range test.ns {
				first, later := test.first(n), test.later(n)
				f.Rows = append(f.Rows, reporttest.Cell("v1", "agents", n, "ok", later.sql, later.rbac))
				if first != later {
					f.FirstRuns = append(f.FirstRuns, report.FirstRun{Cell: scenarios.Cell{Scenario: "agents", Version: "v1", N: n}, SQL: first.sql, RBAC: first.rbac})
				}
			}
			slices.Reverse(f.FirstRuns)
			var want []findings.FirstRunNote
			if test.says != "" {
				want = []findings.FirstRunNote{{Version: "v1", Scenario: "agents", Text: test.says}}
			}
			if got := findings.FirstRunNotes(f); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", fmt.Sprint(got), fmt.Sprint(want))
			}
		})
	}
}

// A file made by hand may contain a first run that costs the same as later runs.
func TestFirstRunNotesOfTheSame(t *testing.T) {
	f := report.File{Rows: []report.Row{reporttest.Cell("v1", "agents", 1, "ok", 3, 1)}, FirstRuns: []report.FirstRun{{Cell: scenarios.Cell{Scenario: "agents", Version: "v1", N: 1}, SQL: 3, RBAC: 1}}}
	if got := findings.FirstRunNotes(f); got != nil {
		t.Errorf("got %q", got)
	}
}

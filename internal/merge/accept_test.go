package merge_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// old sets the reason of a row.
func old(row report.Row) report.Row {
	row.Reason = "old"
	return row
}

func TestAccept(t *testing.T) {
	otherMix := reporttest.Login("v1", "200", 5, 1)
	otherMix.Statements = map[string]int{"Get": 4, "List": 1}
	otherChecks := reporttest.Login("v1", "200", 5, 1)
	otherChecks.Checks = map[string]int{"write": 1}
	fewerRepeats := reporttest.Login("v1", "200", 5, 1)
	fewerRepeats.SQLUnique = 5
	type list = []report.Row
	for _, test := range []struct {
		name               string
		baseline, measured list
		gone               []scenarios.Cell
		changed, need      int
		want               []string
	}{
		{"first", nil, list{reporttest.Login("v1", "200", 5, 1)}, nil, 1, 0,
			[]string{"v1 login/0 200 5 1 "}},
		{"nothing changed", list{reporttest.Login("v1", "200", 5, 1)}, list{reporttest.Login("v1", "200", 5, 1)}, nil, 0, 0,
			[]string{"v1 login/0 200 5 1 "}},
		{"nothing changed, with a reason", list{old(reporttest.Login("v1", "200", 5, 1))}, list{reporttest.Login("v1", "200", 5, 1)}, nil, 0, 0,
			[]string{"v1 login/0 200 5 1 old"}},
		{"dearer", list{reporttest.Login("v1", "200", 5, 1)}, list{reporttest.Login("v1", "200", 6, 1)}, nil, 1, 1,
			[]string{"v1 login/0 200 6 1 why"}},
		{"dearer again", list{old(reporttest.Login("v1", "200", 5, 1))}, list{reporttest.Login("v1", "200", 6, 1)}, nil, 1, 1,
			[]string{"v1 login/0 200 6 1 why"}},
		{"cheaper, with more checks", list{old(reporttest.Login("v1", "200", 5, 1))}, list{reporttest.Login("v1", "200", 4, 2)}, nil, 1, 1,
			[]string{"v1 login/0 200 4 2 why"}},
		{"cheaper", list{old(reporttest.Login("v1", "200", 5, 1))}, list{reporttest.Login("v1", "200", 4, 1)}, nil, 1, 0,
			[]string{"v1 login/0 200 4 1 "}},
		{"another outcome", list{old(reporttest.Login("v1", "200", 5, 1))}, list{reporttest.Login("v1", "409", 2, 1)}, nil, 1, 1,
			[]string{"v1 login/0 409 2 1 why"}},
		{"another outcome at the same cost", list{reporttest.Login("v1", "200", 5, 1)}, list{reporttest.Login("v1", "409", 5, 1)}, nil, 1, 1,
			[]string{"v1 login/0 409 5 1 why"}},
		{"other statements", list{old(reporttest.Login("v1", "200", 5, 1))}, list{otherMix}, nil, 1, 0,
			[]string{"v1 login/0 200 5 1 old"}},
		{"other checks", list{reporttest.Login("v1", "200", 5, 1)}, list{otherChecks}, nil, 1, 0,
			[]string{"v1 login/0 200 5 1 "}},
		{"fewer repeats", list{old(reporttest.Login("v1", "200", 5, 1))}, list{fewerRepeats}, nil, 1, 0,
			[]string{"v1 login/0 200 5 1 old"}},
		{"only the rows that need it", list{reporttest.Login("v1", "200", 5, 1), old(reporttest.Login("v2", "200", 5, 1)), old(reporttest.Login("v3", "200", 5, 1)), reporttest.Login("v4", "200", 5, 1)},
			list{reporttest.Login("v1", "200", 6, 1), reporttest.Login("v2", "200", 5, 1), reporttest.Login("v3", "200", 4, 1), reporttest.Login("v4", "409", 5, 1), reporttest.Login("v5", "200", 9, 9)}, nil, 4, 2,
			[]string{"v1 login/0 200 6 1 why", "v2 login/0 200 5 1 old", "v3 login/0 200 4 1 ", "v4 login/0 409 5 1 why", "v5 login/0 200 9 9 "}},
		{"unmeasured rows stay", list{old(reporttest.Login("v1", "200", 5, 1)), reporttest.Login("v2", "200", 5, 1), reporttest.Cell("v1", "agents", 2, "200", 3, 1)},
			list{reporttest.Login("v2", "200", 4, 1)}, nil, 1, 0,
			[]string{"v1 agents/2 200 3 1 ", "v1 login/0 200 5 1 old", "v2 login/0 200 4 1 "}},
		{"other N are other rows", list{reporttest.Cell("v1", "agents", 1, "200", 3, 1), reporttest.Cell("v1", "agents", 2, "200", 3, 1)},
			list{reporttest.Cell("v1", "agents", 2, "200", 9, 1), reporttest.Cell("v1", "agents", 10, "200", 9, 1)}, nil, 2, 1,
			[]string{"v1 agents/1 200 3 1 ", "v1 agents/2 200 9 1 why", "v1 agents/10 200 9 1 "}},
		{"steeper, though no cell costs more", list{reporttest.Cell("v1", "agents", 1, "200", 8, 1), old(reporttest.Cell("v1", "agents", 2, "200", 11, 1))},
			list{reporttest.Cell("v1", "agents", 1, "200", 7, 1), reporttest.Cell("v1", "agents", 2, "200", 11, 1)}, nil, 1, 2,
			[]string{"v1 agents/1 200 7 1 why", "v1 agents/2 200 11 1 why"}},
		{"flatter, though a cell costs more", list{reporttest.Cell("v1", "agents", 1, "200", 8, 1), old(reporttest.Cell("v1", "agents", 2, "200", 11, 1))},
			list{reporttest.Cell("v1", "agents", 1, "200", 9, 1), reporttest.Cell("v1", "agents", 2, "200", 11, 1)}, nil, 1, 1,
			[]string{"v1 agents/1 200 9 1 why", "v1 agents/2 200 11 1 old"}},
		{"gone", list{reporttest.Login("v1", "200", 5, 1), reporttest.Login("v2", "200", 5, 1), reporttest.Login("v3", "200", 5, 1)}, list{reporttest.Login("v1", "200", 5, 1)},
			[]scenarios.Cell{{Version: "v2", Scenario: "login"}, {Version: "v9", Scenario: "login"}}, 1, 0,
			[]string{"v1 login/0 200 5 1 ", "v3 login/0 200 5 1 "}},
		{"gone and measured after all", list{reporttest.Login("v1", "200", 5, 1)}, list{reporttest.Login("v1", "200", 4, 1)},
			[]scenarios.Cell{{Version: "v1", Scenario: "login"}}, 1, 0,
			[]string{"v1 login/0 200 4 1 "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			baseline := unlisted(test.baseline...)
			baseline.Budgets = []report.Budget{reporttest.Budget("", 30, 1)}
			before := text(t, baseline)
			a := merge.Accept(baseline, unlisted(test.measured...), test.gone, "why")
			var got []string
			for _, row := range a.Baseline.Rows {
				got = append(got, fmt.Sprintf("%v %s %d %d %s", row.Cell, row.Outcome, row.SQL, row.RBAC, row.Reason))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the new baseline (-want +got):\n%s", diff)
			}
			if changed, need := len(a.Changed()), len(a.NeedsReason()); changed != test.changed || need != test.need {
				t.Errorf("%d changed, %d need a reason; want %d, %d", changed, need, test.changed, test.need)
			}
			if diff := cmp.Diff(baseline.Budgets, a.Baseline.Budgets); diff != "" || a.Baseline.Name != "test" {
				t.Errorf("path %q, budgets (-want +got):\n%s", a.Baseline.Name, diff)
			}
			if got := text(t, baseline); got != before {
				t.Errorf("the old baseline was changed:\n%s\n%s", before, got)
			}
			if got := text(t, a.Baseline); (got == before) != (test.changed == 0) {
				t.Errorf("%d changed:\n%s\n%s", test.changed, before, got)
			}
			again := merge.Accept(a.Baseline, unlisted(test.measured...), test.gone, "why else")
			if got, want := text(t, again.Baseline), text(t, a.Baseline); got != want || len(again.Changed()) > 0 {
				t.Errorf("accepted again, %d changed:\n%s\n%s", len(again.Changed()), want, got)
			}
		})
	}
}

// unlisted returns a file with rows only.
func unlisted(list ...report.Row) report.File {
	return report.File{Subject: report.Subject{Name: "test"}, Rows: list}
}

// TestAcceptSubject checks that the subject lists exactly what has rows, and that the merged
// files do not change.
func TestAcceptSubject(t *testing.T) {
	type list = []report.Scenario
	order, old, own := report.Scenario{Name: "login", Unit: "order"}, report.Scenario{Name: "old", Unit: "x"}, report.Scenario{Name: "login", Version: "v2", Unit: "line"}
	for _, test := range []struct {
		name                     string
		baseline, measured, want list
	}{
		{"none listed", nil, nil, list{{Name: "login"}}},
		{"the old one lists", list{order, old}, nil, list{order}},
		{"the new one lists", nil, list{order}, list{order}},
		{"both list", list{{Name: "login", Unit: "x"}}, list{order, old}, list{order, old}},
		{"one of a version", list{own, order}, nil, list{own, order}},
	} {
		baseline, measured := reporttest.Rows(reporttest.Login("v1", "200", 5, 1), reporttest.Login("v2", "200", 5, 1)), reporttest.Rows(reporttest.Login("v1", "200", 5, 1))
		baseline.Scenarios, measured.Scenarios = slices.Clone(test.baseline), slices.Clone(test.measured)
		got := merge.Accept(baseline, measured, nil, "").Baseline
		read, err := report.Read(strings.NewReader(text(t, got)))
		must.Succeed(t, err)
		if !slices.Equal(read.Scenarios, test.want) || !slices.Equal(baseline.Scenarios, test.baseline) || !slices.Equal(measured.Scenarios, test.measured) {
			t.Errorf("%s: got %v of %v and %v, want %v", test.name, read.Scenarios, baseline.Scenarios, measured.Scenarios, test.want)
		}
	}
}

// TestAcceptKeepsNoFirstRuns checks that costs of first runs are not in a baseline.
func TestAcceptKeepsNoFirstRuns(t *testing.T) {
	measured := reporttest.Rows(reporttest.Login("v1", "200", 5, 1))
	measured.FirstRuns = []report.FirstRun{{Cell: scenarios.Cell{Scenario: "login", Version: "v1"}, SQL: 9}}
	if got := merge.Accept(report.File{}, measured, nil, "").Baseline.FirstRuns; got != nil {
		t.Errorf("got %+v", got)
	}
}

// TestDropBudgets has budgets of all versions and of one, and removes none, some or all rows.
func TestDropBudgets(t *testing.T) {
	gone := func(cells ...string) []scenarios.Cell {
		var list []scenarios.Cell
		for _, c := range cells {
			version, scenario, _ := strings.Cut(c, " ")
			list = append(list, scenarios.Cell{Version: version, Scenario: scenario})
		}
		return list
	}
	for _, test := range []struct {
		name string
		gone []scenarios.Cell
		want string
	}{
		{"nothing goes", nil, "agents sql, v1 agents sql, v2 agents sql, login sql"},
		{"a version goes", gone("v1 agents"), "agents sql, v2 agents sql, login sql"},
		{"the other goes", gone("v2 agents"), "agents sql, v1 agents sql, login sql"},
		{"a scenario goes", gone("v1 agents", "v2 agents"), "login sql"},
		{"another scenario goes", gone("v1 login"), "agents sql, v1 agents sql, v2 agents sql"},
		{"a version that has no row any more", gone("v3 agents"), "agents sql, v1 agents sql, v2 agents sql, login sql"},
	} {
		t.Run(test.name, func(t *testing.T) {
			baseline := reporttest.Rows(reporttest.Cell("v1", "agents", 0, "200", 4, 1), reporttest.Cell("v2", "agents", 0, "200", 4, 1), reporttest.Login("v1", "200", 4, 1))
			of := reporttest.Budget("", 9, 9)
			of.Scenario = "login"
			baseline.Budgets = []report.Budget{reporttest.Budget("", 9, 9), reporttest.Budget("v1", 9, 9), reporttest.Budget("v2", 9, 9), of}
			a := merge.Accept(baseline, reporttest.Rows(), test.gone, "")
			a.DropBudgets(test.gone)
			var got []string
			for _, b := range a.Baseline.Budgets {
				got = append(got, strings.TrimSpace(b.Version+" "+b.Scenario+" "+string(b.Metric)))
			}
			if joined := strings.Join(got, ", "); joined != test.want || len(baseline.Budgets) != 4 {
				t.Errorf("got  %s\nwant %s", joined, test.want)
			}
		})
	}
}

func text(t testing.TB, list report.File) string {
	t.Helper()
	var b bytes.Buffer
	must.Succeed(t, list.Write(&b))
	return b.String()
}

// TestShortened has packages in and outside of the module, and names that would be ambiguous.
func TestShortened(t *testing.T) {
	for version, want := range map[string]string{
		"example.com/shop": "shop", "example.com/shop/orders": "orders", "example.com/shop/shop": "shop/shop",
		"example.com/shop/shop/orders": "shop/shop/orders", "example.com/shopping": "example.com/shopping", "v1": "v1",
	} {
		f := reporttest.Rows(reporttest.Login(version, "200", 5, 1))
		f.Versions, f.Scenarios = []string{version}, []report.Scenario{{Name: "login", Version: version}}
		got := merge.Shortened(f, "example.com/shop")
		if got.Rows[0].Version != want || got.Versions[0] != want || got.Scenarios[0].Version != want || f.Rows[0].Version != version {
			t.Errorf("%s: got %v, want %s", version, got, want)
		}
	}
}

// TestResults merges results of two modules. The merged name is what both names have in common.
func TestResults(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"", "example.com/a", "example.com/a"}, {"example.com/a", "", "example.com/a"}, {"example.com/a", "example.com/a", "example.com/a"},
		{"example.com/a", "example.com/a/b", "example.com/a"}, {"example.com/a/c", "example.com/b/c", "example.com"}, {"a.com/x", "b.com/x", "a.com/x, b.com/x"},
	} {
		f, o := unlisted(reporttest.Login("v2", "200", 5, 1)), unlisted(reporttest.Login("v1", "200", 5, 1))
		f.Subject = report.Subject{Name: test.a, Versions: []string{"v2", "v4"}, Scenarios: []report.Scenario{{Name: "login", Version: "v2"}}}
		o.Subject = report.Subject{Name: test.b, Versions: []string{"v1", "v3", "v5"}, Scenarios: []report.Scenario{{Name: "login", Version: "v1"}, {Name: "a", Version: "v5", Unmeasured: "why"}, {Name: "b"}}}
		f = merge.Results(f, o)
		want := report.Subject{Name: test.want, Versions: []string{"v1", "v2", "v4", "v5"}, Scenarios: []report.Scenario{{Name: "a", Version: "v5", Unmeasured: "why"}, {Name: "login", Version: "v1"}, {Name: "login", Version: "v2"}}}
		if diff := cmp.Diff(want, f.Subject); diff != "" || len(f.Rows) != 2 {
			t.Errorf("%s and %s: %d rows (-want +got):\n%s", test.a, test.b, len(f.Rows), diff)
		}
	}
}

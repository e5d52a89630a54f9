package report_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestCompareCells(t *testing.T) {
	heavier := reporttest.Cell("v1", "agents", 1, "200", 4, 2)
	heavier.MaxHeld = 2
	otherMix := reporttest.Cell("v1", "agents", 1, "200", 4, 2)
	otherMix.Statements = map[string]int{"Get": 1, "List": 3}
	fewerRepeats := reporttest.Cell("v1", "agents", 1, "200", 4, 2)
	fewerRepeats.SQLUnique = 4
	for _, test := range []struct {
		name       string
		base, head []report.Row
		want       report.Verdict
		regressed  bool
	}{
		{"same", one("200", 4, 2), one("200", 4, 2), report.Same, false},
		{"one statement more", one("200", 4, 2), one("200", 5, 2), report.Worse, true},
		{"one check more", one("200", 4, 2), one("200", 4, 3), report.Worse, true},
		{"fewer statements, more checks", one("200", 4, 2), one("200", 1, 3), report.Worse, true},
		{"better", one("200", 4, 2), one("200", 3, 2), report.Better, false},
		{"more connections held", one("200", 4, 2), []report.Row{heavier}, report.Worse, true},
		{"another mix of statements", one("200", 4, 2), []report.Row{otherMix}, report.Same, false},
		{"fewer repeats at the same cost", one("200", 4, 2), []report.Row{fewerRepeats}, report.Same, false},
		{"another outcome", one("200", 4, 2), one("409", 1, 1), report.NotCompared, false},
		{"new", nil, one("200", 4, 2), report.Added, false},
		{"missing", one("200", 4, 2), nil, report.Missing, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := report.Compare("a", reporttest.Rows(test.base...), "b", reporttest.Rows(test.head...))
			if len(c.Cells) != 1 || c.Cells[0].Verdict != test.want || c.Regressed() != test.regressed {
				t.Errorf("got %+v, regressed %t; want %s, %t", c.Cells, c.Regressed(), test.want, test.regressed)
			}
		})
	}
}

// TestCompareNames checks that statements are ordered by their change at the largest N.
func TestCompareNames(t *testing.T) {
	counts := func(n int, statements map[string]int) report.Row {
		row := reporttest.Cell("v1", "agents", n, "200", 100, 1)
		row.Statements = statements
		return row
	}
	c := report.Compare("a", reporttest.Rows(
		counts(1, map[string]int{"A": 80, "B": 0, "C": 8, "D": 12}), counts(2, map[string]int{"A": 80, "B": 0, "C": 8, "D": 12}),
	), "b", reporttest.Rows(
		counts(1, map[string]int{"A": 60, "B": 9, "C": 9, "D": 12}), counts(2, map[string]int{"A": 81, "B": 3, "C": 2, "D": 12}),
	))
	var got []string
	for _, d := range c.Series[0].Statements {
		got = append(got, d.Name)
	}
	if diff := cmp.Diff([]string{"C", "B", "A"}, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

func one(outcome string, sql, rbac int) []report.Row {
	return []report.Row{reporttest.Cell("v1", "agents", 1, outcome, sql, rbac)}
}

// growing returns the cells of one series.
func growing(sql func(n int) int) []report.Row {
	var list []report.Row
	for _, n := range []int{1, 2, 3, 4} {
		list = append(list, reporttest.Cell("v1", "agents", n, "200", sql(n), 1))
	}
	return list
}

// level returns first at N=1 and then for larger N.
func level(first, then int) func(n int) int {
	return func(n int) int {
		if n == 1 {
			return first
		}
		return then
	}
}

func TestCompareLaws(t *testing.T) {
	constant := func(int) int { return 20 }
	for _, test := range []struct {
		name       string
		base, head func(n int) int
		want       report.Verdict
	}{
		{"same", constant, constant, report.Same},
		{"higher but parallel", constant, func(int) int { return 21 }, report.Worse},
		{"lower and parallel", constant, func(int) int { return 19 }, report.Better},
		{"steeper though every cell is cheaper", constant, func(n int) int { return 2 + n }, report.Worse},
		{"flatter though every cell is dearer", func(n int) int { return n }, func(int) int { return 9 }, report.Worse},
		{"curved though every cell is cheaper", func(n int) int { return 50 * n }, func(n int) int { return n * n }, report.Worse},
		{"irregular though every cell is cheaper", constant, func(n int) int { return 1 << n }, report.Worse},
		{"irregular as before", func(n int) int { return 1 << n }, func(n int) int { return 1 << n }, report.Same},
		{"a curve as before", func(n int) int { return n * n }, func(n int) int { return n * n }, report.Same},
		{"a flatter curve", func(n int) int { return 2 * n * n }, func(n int) int { return n * n }, report.Better},
		{"level as before", level(1, 2), level(1, 2), report.Same},
		{"level in place of constant, and higher", constant, level(20, 21), report.Worse},
		{"level in place of constant, and lower", constant, level(20, 19), report.Better},
		{"constant in place of level, and nowhere higher", level(20, 21), constant, report.Better},
		{"constant at the level, and so higher at first", level(19, 20), constant, report.Worse},
		{"a higher level", level(1, 2), level(1, 3), report.Worse},
		{"a lower level", level(1, 3), level(1, 2), report.Better},
		{"the level earlier", level(1, 3), level(3, 3), report.Worse},
		{"level and then linear though every cell is cheaper", level(20, 30), func(n int) int { return 2 + n }, report.Worse},
		{"level and then a curve though every cell is cheaper", level(20, 30), func(n int) int { return n * n }, report.Worse},
		{"level and then irregular though every cell is cheaper", level(20, 30), func(n int) int { return 1 << n }, report.Worse},
		{"linear and then level", func(n int) int { return 2 + n }, level(3, 4), report.Better},
		{"irregular and then level", func(n int) int { return 1 << n }, level(2, 4), report.Better},
		{"linear and then level, and higher at first", func(n int) int { return 2 + n }, level(3, 5), report.Worse},
		{"regular again", func(n int) int { return 1 << n }, func(int) int { return 1 }, report.Better},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := report.Compare("a", reporttest.Rows(growing(test.base)...), "b", reporttest.Rows(growing(test.head)...))
			if len(c.Series) != 1 || c.Series[0].Verdict != test.want || c.Regressed() != (test.want == report.Worse) {
				t.Errorf("got %+v, regressed %t; want %s", c.Series, c.Regressed(), test.want)
			}
		})
	}
}

// TestCompareIsSorted has a version that begins at a smaller N than one before it.
func TestCompareIsSorted(t *testing.T) {
	list := reporttest.Rows(
		reporttest.Cell("v2", "login", 0, "200", 4, 2), reporttest.Cell("v2", "agents", 1, "200", 4, 2), reporttest.Cell("v1", "agents", 2, "200", 4, 2), reporttest.Cell("v3", "agents", 2, "200", 4, 2),
	)
	less := reporttest.Rows(list.Rows[:3]...)
	var cells, series []string
	c := report.Compare("a", less, "b", list)
	for _, d := range c.Cells {
		cells = append(cells, fmt.Sprintf("%s %d %s %s", d.Scenario, d.N, d.Version, d.Verdict))
	}
	for _, d := range c.Series {
		series = append(series, fmt.Sprintf("%s %s %v", d.Scenario, d.Version, d.N))
	}
	wantCells := []string{"agents 1 v2 same", "agents 2 v1 same", "agents 2 v3 new", "login 0 v2 same"}
	if diff := cmp.Diff(wantCells, cells); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	wantSeries := []string{"agents v1 [2]", "agents v2 [1]", "agents v3 [2]", "login v2 [0]"}
	if diff := cmp.Diff(wantSeries, series); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

// TestCompareKeepsOutcomesApart has a version that answers 409 from N = 2 on.
func TestCompareKeepsOutcomesApart(t *testing.T) {
	base := growing(func(int) int { return 13 })
	head := growing(func(n int) int { return 1 + 7*n })
	for i := range head[1:] {
		head[i+1].Outcome = "409"
	}
	var got []string
	for _, d := range report.Compare("a", reporttest.Rows(base...), "b", reporttest.Rows(head...)).Series {
		got = append(got, fmt.Sprintf("%v %s %s→%s sql %s→%s", d.N, d.Verdict, d.BaseOutcome, d.HeadOutcome,
			d.Metrics[tracer.SQL].Base, d.Metrics[tracer.SQL].Head))
	}
	want := []string{"[1] better 200→200 sql 13→8", "[2 3 4] not compared 200→409 sql 13→1 + 7·N"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

func TestCompareVersions(t *testing.T) {
	all := reporttest.Rows(reporttest.Cell("v1", "agents", 1, "200", 4, 2), reporttest.Cell("v2", "agents", 1, "200", 6, 2), reporttest.Cell("v3", "agents", 1, "200", 9, 9))
	c := report.CompareVersions(all, "v1", "v2")
	got := fmt.Sprintf("%s %s %v %v %v %d", c.Base, c.Head, c.Cells[0].Verdicts, c.Series[0].Statements, c.Series[0].Checks, len(c.Cells))
	if diff := cmp.Diff("v1 v2 map[acquires:worse round_trips:worse sql:worse] [4 → 6] [] 1", got); diff != "" {
		t.Errorf("comparison (-want +got):\n%s", diff)
	}
	if all.Rows[0].Version != "v1" {
		t.Error("the rows were changed")
	}
}

package report_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// cells returns a series from pairs of N and count.
func cells(pairs ...int) []report.Row {
	var list []report.Row
	for _, p := range reporttest.Points(pairs...) {
		list = append(list, reporttest.Cell("v1", "agents", p.N, "200", p.Count, 1))
	}
	return list
}

// TestCompareFewPoints has too few points for a law.
func TestCompareFewPoints(t *testing.T) {
	for _, test := range []struct {
		name       string
		base, head []report.Row
		want       []report.Verdict
	}{
		{"equal", cells(1, 19, 2, 26), cells(1, 19, 2, 26), []report.Verdict{report.Same}},
		{"rises more, though no cell is above", cells(1, 19, 2, 26), cells(1, 18, 2, 26), []report.Verdict{report.Worse}},
		{"rises more, though every cell is below", cells(1, 19, 2, 19), cells(1, 10, 2, 11), []report.Verdict{report.Worse}},
		{"rises less", cells(1, 19, 2, 26), cells(1, 19, 2, 25), []report.Verdict{report.Better}},
		{"rises less and is above", cells(1, 19, 2, 26), cells(1, 20, 2, 26), []report.Verdict{report.Worse}},
		{"falls more", cells(1, 9, 2, 5), cells(1, 9, 2, 4), []report.Verdict{report.Better}},
		{"falls less", cells(1, 9, 2, 5), cells(1, 8, 2, 5), []report.Verdict{report.Worse}},
		{"far apart", cells(1, 19, 1000, 26), cells(1, 18, 1000, 26), []report.Verdict{report.Worse}},
		{"one point above", cells(2, 19), cells(2, 20), []report.Verdict{report.Worse}},
		{"one point below", cells(2, 19), cells(2, 18), []report.Verdict{report.Better}},
		{"one point in common", cells(1, 19, 2, 19), cells(1, 19, 4, 99), []report.Verdict{report.Same, report.Missing, report.Added}},
		{"points at other N", cells(1, 19, 2, 19), cells(3, 19, 4, 99), []report.Verdict{report.Missing, report.Added}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := report.Compare("a", reporttest.Rows(test.base...), "b", reporttest.Rows(test.head...))
			var got []report.Verdict
			for _, d := range c.Series {
				got = append(got, d.Verdict)
			}
			if !slices.Equal(got, test.want) || c.Regressed() != slices.Contains(test.want, report.Worse) {
				t.Errorf("got %v, regressed %t; want %v", got, c.Regressed(), test.want)
			}
		})
	}
}

// TestCompareLines compares random lines: the head is worse exactly if it is steeper, or above
// the base at any N.
func TestCompareLines(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[report.Verdict]int{}
	for range 5000 {
		ns := random.Perm(20)[:2+random.IntN(5)]
		slices.Sort(ns)
		base := report.Law{Fixed: 1 + random.IntN(12), PerN: random.IntN(4)}
		head := report.Law{Fixed: base.Fixed + random.IntN(9) - 4, PerN: max(base.PerN+random.IntN(3)-1, 0)}
		head.Fixed = max(head.Fixed, 1) // a request without any statement holds no connection
		var before, after []int
		above := head.PerN > base.PerN
		for _, n := range ns {
			above = above || head.At(n) > base.At(n)
			before, after = append(before, n, base.At(n)), append(after, n, head.At(n))
		}
		want := report.Better
		switch {
		case above:
			want = report.Worse
		case slices.Equal(before, after):
			want = report.Same
		}
		seen[want]++
		c := report.Compare("a", reporttest.Rows(cells(before...)...), "b", reporttest.Rows(cells(after...)...))
		if got := c.Series[0].Verdict; got != want || c.Regressed() != (want == report.Worse) {
			t.Fatalf("N %v, %+v against %+v: got %s, want %s", ns, base, head, got, want)
		}
	}
	if len(seen) != 3 || seen[report.Same] < 100 {
		t.Errorf("the laws are not at random: %v", seen)
	}
}

func TestBudgets(t *testing.T) {
	const none = -1
	only := func(most, perN int) []report.Budget { return []report.Budget{reporttest.Budget("", most, perN)} }
	constant := func(int) int { return 20 }
	linear := func(fixed, perN int) func(int) int { return func(n int) int { return fixed + perN*n } }
	squares := func(n int) int { return n * n } // 1 4 9 16: rises by 7 at most
	doubling := func(n int) int { return 1 << n }
	for _, test := range []struct {
		name       string
		budgets    []report.Budget
		base, head func(n int) int // at 1, 2, 3, 4
		want       string
	}{
		{"no budget", nil, constant, linear(20, 1), "worse [sql] []"},

		{"max: below", only(30, none), constant, func(int) int { return 25 }, "same [] [sql]"},
		{"max: exactly", only(25, none), constant, func(int) int { return 25 }, "same [] [sql]"},
		{"max: above", only(24, none), constant, func(int) int { return 25 }, "worse [sql] []"},
		{"max: above at the last N only", only(23, none), linear(10, 3), linear(12, 3), "worse [sql] []"},
		{"max allows no steeper law", only(30, none), constant, linear(20, 1), "worse [sql] []"},
		{"max stricter than the baseline", only(19, none), constant, constant, "worse [sql] []"},
		{"max zero", only(0, none), constant, linear(0, 0), "better [] []"},
		{"max: better", only(30, none), constant, func(int) int { return 9 }, "better [] []"},

		{"per N: flatter than it may be, above the baseline", only(none, 2), constant, linear(20, 1), "worse [sql] []"},
		{"per N: steeper, and below the baseline", only(none, 2), constant, linear(10, 2), "better [] [sql]"},
		{"per N: steeper than it may be", only(none, 2), constant, linear(0, 3), "worse [sql] []"},
		{"per N stricter than the baseline", only(none, 0), linear(12, 1), linear(12, 1), "worse [sql] []"},
		{"per N: flat", only(none, 0), linear(12, 1), constant, "worse [sql] []"},
		{"per N: flat and below", only(none, 0), linear(20, 1), constant, "better [] []"},

		{"both", only(24, 1), constant, linear(20, 1), "same [] [sql]"},
		{"both: too high", only(23, 1), constant, linear(20, 1), "worse [sql] []"},
		{"both: too steep", only(99, 1), constant, linear(20, 2), "worse [sql] []"},
		{"both: quadratic, within", only(16, 7), linear(0, 1), squares, "same [] [sql]"},
		{"both: quadratic, too steep at the end", only(16, 6), linear(0, 1), squares, "worse [sql] []"},
		{"both: irregular, within", only(16, 8), linear(0, 1), doubling, "same [] [sql]"},
		{"both: irregular, too steep at the end", only(16, 7), linear(0, 1), doubling, "worse [sql] []"},
		{"both: irregular, and below at one N", only(99, 1), constant, func(n int) int { return []int{20, 21, 19, 20}[n-1] }, "better [] [sql]"},
		{"both: falling", only(99, 0), constant, linear(30, -1), "same [] [sql]"},

		{"per N: level in the end", only(none, 0), level(19, 25), level(19, 25), "same [] []"},
		{"per N: level in the end, above the baseline", only(none, 0), constant, level(20, 21), "worse [sql] []"},
		{"both: level in the end, within", only(25, 0), constant, level(20, 25), "same [] [sql]"},
		{"both: level in the end, too high", only(24, 0), constant, level(20, 25), "worse [sql] []"},

		{"version before general", []report.Budget{reporttest.Budget("", 19, none), reporttest.Budget("v1", 25, 9)}, constant, linear(20, 1), "same [] [sql]"},
		{"version before general, in another order", []report.Budget{reporttest.Budget("v1", 25, 9), reporttest.Budget("", 19, none)}, constant, linear(20, 1), "same [] [sql]"},
		{"version replaces all of the general", []report.Budget{reporttest.Budget("", 99, 9), reporttest.Budget("v1", 19, none)}, constant, constant, "worse [sql] []"},
		{"of another version", []report.Budget{reporttest.Budget("v2", 99, 9)}, constant, linear(20, 1), "worse [sql] []"},
	} {
		t.Run(test.name, func(t *testing.T) {
			baseline := reporttest.Rows(growing(test.base)...)
			baseline.Budgets = test.budgets
			d := reporttest.JudgeRows(baseline, reporttest.Rows(growing(test.head)...), tracer.SQL).Series[0]
			if got := fmt.Sprintf("%s %v %v", d.Verdict, d.Worse, d.Allowed); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestBudgetBetweenDistantN checks that growth is measured by N, not by cell.
func TestBudgetBetweenDistantN(t *testing.T) {
	for _, test := range []struct {
		perN int
		head []report.Row
		want report.Verdict
	}{
		{2, cells(1, 2, 2, 4, 10, 20, 16, 32), report.Same},
		{1, cells(1, 2, 2, 4, 10, 20, 16, 32), report.Worse},
		{2, cells(1, 2, 2, 4, 10, 20, 16, 33), report.Worse},
		{2, cells(1, 9, 16, 39), report.Same},
		{2, cells(1, 9, 16, 40), report.Worse},
		{0, cells(16, 40), report.Same},
	} {
		var base []report.Row
		for _, row := range test.head {
			base = append(base, reporttest.Cell("v1", "agents", row.N, "200", 1, 1))
		}
		baseline := reporttest.Rows(base...)
		baseline.Budgets = []report.Budget{reporttest.Budget("", 99, test.perN)}
		if got := reporttest.JudgeRows(baseline, reporttest.Rows(test.head...), tracer.SQL).Series[0]; got.Verdict != test.want {
			t.Errorf("%v, %d for each N: got %s, want %s", got.Metrics[tracer.SQL].Head.Points, test.perN, got.Verdict, test.want)
		}
	}
}

// TestBudgetCheck has limits at the boundary of what files may have.
func TestBudgetCheck(t *testing.T) {
	const most = 1_000_000_000 // more was never counted
	for _, test := range []struct {
		most, perN int
		want       string
	}{
		{0, 0, ""},
		{most, most, ""},
		{most + 1, 0, "the budget of agents, sql, has a limit that is not a count"},
		{0, most + 1, "the budget of agents, sql, has a limit that is not a count"},
	} {
		got := ""
		if err := reporttest.Budget("", test.most, test.perN).Validate(); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("max %d, per N %d: got %q, want %q", test.most, test.perN, got, test.want)
		}
	}
}

// TestBudgetIsOfOneMetric checks that a budget does not affect other metrics and scenarios.
func TestBudgetIsOfOneMetric(t *testing.T) {
	baseline := reporttest.Rows(reporttest.Cell("v1", "agents", 0, "200", 4, 2), reporttest.Cell("v1", "login", 0, "200", 4, 2))
	baseline.Budgets = []report.Budget{reporttest.Budget("", 9, 9)}
	head := reporttest.Rows(reporttest.Cell("v1", "agents", 0, "200", 5, 3), reporttest.Cell("v1", "login", 0, "200", 5, 2))
	var got []string
	for _, d := range reporttest.JudgeRows(baseline, head, tracer.SQL, tracer.RBAC).Series {
		got = append(got, fmt.Sprintf("%s %s %v %v", d.Scenario, d.Verdict, d.Worse, d.Allowed))
	}
	if want := []string{"agents worse [rbac] [sql]", "login worse [sql] []"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

package findings_test

import (
	order "cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func TestJudge(t *testing.T) {
	type results = []scenarios.Result
	costs := func(sql, rbac int) [][]tracer.Event {
		return [][]tracer.Event{reporttest.Each(tracer.KindQuery, "Get", sql), reporttest.Each(tracer.KindCheck, "read", rbac)}
	}
	agents := func(sql func(n int) int) results {
		return reporttest.Sweep("agents", func(n int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", sql(n)) })
	}
	linear := func(fixed, perN int) func(int) int { return func(n int) int { return fixed + perN*n } }
	doubling := func(n int) int { return 1 << n }
	login := func(outcome string, sql, rbac int) results {
		return results{reporttest.Ran("v1", "login", 0, outcome, costs(sql, rbac)...)}
	}
	two := results{reporttest.Ran("v1", "login", 0, "200", costs(5, 1)...), reporttest.Ran("v2", "login", 0, "200", costs(5, 1)...)}
	mixed := results{reporttest.Ran("v1", "login", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 4), reporttest.Each(tracer.KindQuery, "List", 1), reporttest.Each(tracer.KindCheck, "read", 1))}
	for _, test := range []struct {
		name       string
		base, head results
		metrics    []tracer.Metric
		verdict    string
		sentence   string
		findings   []string
	}{
		{"same", login("200", 5, 1), login("200", 5, 1), nil,
			"same", "1 measurement equals the baseline.", nil},
		{"dearer", login("200", 5, 1), login("200", 6, 1), nil,
			"regression", "1 measurement costs more than the baseline.", []string{"worse v1 login [0]: SQL rises by 1 (baseline 5)"}},
		{"cheaper, with more checks", login("200", 5, 1), login("200", 4, 3), nil,
			"regression", "1 measurement costs more than the baseline.", []string{"worse v1 login [0]: RBAC rises by 2 (baseline 1)"}},
		{"cheaper", login("200", 5, 1), login("200", 4, 1), nil,
			"improved", "1 measurement costs less.", []string{"better v1 login [0]: costs less than the baseline"}},
		{"not judged by it", login("200", 5, 1), login("200", 5, 3), []tracer.Metric{tracer.SQL, tracer.TxControl},
			"same", "1 measurement equals the baseline, judged by sql, tx.", []string{"same v1 login [0]: costs more in metrics that are not judged: rbac"}},
		{"cheaper in what is not judged", login("200", 5, 3), login("200", 5, 1), []tracer.Metric{tracer.SQL},
			"same", "1 measurement equals the baseline, judged by sql.", []string{"same v1 login [0]: costs the same, with different statements or checks"}},
		{"dearer in what is judged and in what is not", login("200", 5, 1), login("200", 6, 3), []tracer.Metric{tracer.SQL},
			"regression", "1 measurement costs more than the baseline.", []string{"worse v1 login [0]: SQL rises by 1 (baseline 5)"}},
		{"other repeats", login("200", 5, 1), results{reporttest.Ran("v1", "login", 0, "200", reporttest.Again(tracer.KindQuery, "Get", 5), reporttest.Each(tracer.KindCheck, "read", 1))}, nil,
			"same", "1 measurement equals the baseline.", []string{"same v1 login [0]: costs the same, with different repeats"}},
		{"other statements", login("200", 5, 1), mixed, nil,
			"same", "1 measurement equals the baseline.", []string{"same v1 login [0]: costs the same, with different statements or checks"}},
		{"new", nil, login("200", 5, 1), nil,
			"outdated", "1 measurement is not in the baseline.", []string{"new v1 login [0]: is not in the baseline"}},
		{"missing", two, two[:1], nil,
			"outdated", "1 measurement of the baseline is missing.", []string{"missing v2 login [0]: is in the baseline and no longer exists in the code"}},
		{"another outcome", login("200", 5, 1), login("409", 2, 1), nil,
			"regression", "1 measurement has a different outcome.", []string{"not compared v1 login [0]: has outcome 409 instead of 200, so its costs cannot be compared"}},

		{"parallel", agents(linear(5, 3)), agents(linear(6, 3)), nil,
			"regression", "4 measurements cost more than the baseline.", []string{"worse v1 agents [1 2 3 4]: SQL rises by 1 at N=4 (baseline 17)"}},
		{"steeper", agents(linear(5, 3)), agents(linear(5, 4)), nil,
			"regression", "4 measurements cost more than the baseline.", []string{"worse v1 agents [1 2 3 4]: SQL grows by 4 per agent (baseline 3)"}},
		{"steeper in a scenario of somebody else", reporttest.Sweep("strange", func(n int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", 5+3*n) }),
			reporttest.Sweep("strange", func(n int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", 5+4*n) }), nil,
			"regression", "4 measurements cost more than the baseline.", []string{"worse v1 strange [1 2 3 4]: SQL grows by 4 per N (baseline 3)"}},
		{"steeper and lower", agents(linear(9, 3)), agents(linear(5, 4)), nil,
			"regression", "1 scenario grows faster, though no measurement shows it; 3 measurements cost less.", []string{"worse v1 agents [1 2 3 4]: SQL grows by 4 per agent (baseline 3)"}},
		{"steeper between two", agents(linear(5, 3))[:2], agents(linear(3, 4))[:2], nil,
			"regression", "1 scenario grows faster, though no measurement shows it; 1 measurement costs less.", []string{"worse v1 agents [1 2]: SQL grows by 4 per agent (baseline 3)"}},
		{"a curve", agents(linear(5, 3)), agents(func(n int) int { return 5 + 3*n*n }), nil,
			"regression", "3 measurements cost more than the baseline.", []string{"worse v1 agents [1 2 3 4]: SQL grows as 5 + 3·N² (baseline 5 + 3·N)"}},
		{"flatter and higher at first", agents(linear(5, 3)), agents(linear(7, 2)), nil,
			"regression", "1 measurement costs more than the baseline; 2 measurements cost less.", []string{"worse v1 agents [1 2 3 4]: SQL rises by 1 at N=1 (baseline 8)"}},
		{"a line in place of a curve, and higher at first", agents(func(n int) int { return 1 + n*n }), agents(linear(2, 3)), nil,
			"regression", "3 measurements cost more than the baseline; 1 measurement costs less.", []string{"worse v1 agents [1 2 3 4]: SQL rises by 3 at N=2 (baseline 5)"}},
		{"irregular, and higher at one N", agents(doubling), agents(func(n int) int { return doubling(n) + n%2*(3-n)/2 }), nil,
			"regression", "1 measurement costs more than the baseline.", []string{"worse v1 agents [1 2 3 4]: SQL rises by 1 at N=1 (baseline 2)"}},
		{"a higher level", agents(level(3, 5)), agents(level(3, 7)), nil,
			"regression", "3 measurements cost more than the baseline.", []string{"worse v1 agents [1 2 3 4]: SQL rises by 2 at N=4 (baseline 5)"}},
		{"level no more", agents(level(3, 5)), agents(linear(2, 1)), nil,
			"regression", "1 measurement costs more than the baseline; 1 measurement costs less.", []string{"worse v1 agents [1 2 3 4]: SQL grows by 1 per agent (baseline 0)"}},
		{"level and then irregular", agents(level(3, 50)), agents(doubling), nil,
			"regression", "1 scenario grows faster, though no measurement shows it; 4 measurements cost less.", []string{"worse v1 agents [1 2 3 4]: SQL no longer fits a constant, linear or quadratic curve (baseline 50 from N=2 on)"}},
		{"level and then a curve", agents(level(9, 50)), agents(func(n int) int { return 2 * n * n }), nil,
			"regression", "1 scenario grows faster, though no measurement shows it; 4 measurements cost less.", []string{"worse v1 agents [1 2 3 4]: SQL grows as 2·N² (baseline 50 from N=2 on)"}},
		{"one cell is new", agents(linear(5, 3))[:3], agents(linear(5, 3)), nil,
			"outdated", "1 measurement is not in the baseline.", []string{"new v1 agents [4]: is not in the baseline"}},

		{"worst first", slices.Concat(login("200", 5, 1), agents(linear(5, 3))[:3]),
			slices.Concat(login("409", 5, 1), agents(linear(6, 3))), nil,
			"regression", "3 measurements cost more than the baseline; 1 measurement has a different outcome; 1 measurement is not in the baseline.",
			[]string{
				"worse v1 agents [1 2 3]: SQL rises by 1 at N=3 (baseline 14)",
				"not compared v1 login [0]: has outcome 409 instead of 200, so its costs cannot be compared",
				"new v1 agents [4]: is not in the baseline",
			}},
		{"in the order of result files", two, results{reporttest.Ran("v2", "login", 0, "200", costs(6, 1)...), reporttest.Ran("v1", "login", 0, "200", costs(6, 1)...)}, nil,
			"regression", "2 measurements cost more than the baseline.",
			[]string{"worse v1 login [0]: SQL rises by 1 (baseline 5)", "worse v2 login [0]: SQL rises by 1 (baseline 5)"}},
		{"all kinds", results{
			reporttest.Ran("v1", "a", 0, "200", costs(5, 1)...), reporttest.Ran("v1", "b", 0, "200", costs(5, 1)...), reporttest.Ran("v1", "c", 0, "200", costs(5, 1)...),
			reporttest.Ran("v1", "d", 0, "200", costs(5, 1)...), reporttest.Ran("v1", "f", 0, "200", costs(5, 1)...),
		}, results{
			reporttest.Ran("v1", "a", 0, "200", reporttest.Each(tracer.KindQuery, "List", 5), reporttest.Each(tracer.KindCheck, "read", 1)), reporttest.Ran("v1", "b", 0, "200", costs(4, 1)...),
			reporttest.Ran("v1", "d", 0, "409", costs(5, 1)...), reporttest.Ran("v1", "e", 0, "200", costs(5, 1)...), reporttest.Ran("v1", "f", 0, "200", costs(6, 1)...),
		}, nil, "regression", "1 measurement costs more than the baseline; 1 measurement has a different outcome; " +
			"1 measurement is not in the baseline; 1 measurement of the baseline is missing; 1 measurement costs less.",
			[]string{
				"worse v1 f [0]: SQL rises by 1 (baseline 5)",
				"not compared v1 d [0]: has outcome 409 instead of 200, so its costs cannot be compared",
				"new v1 e [0]: is not in the baseline",
				"missing v1 c [0]: is in the baseline and no longer exists in the code",
				"better v1 b [0]: costs less than the baseline",
				"same v1 a [0]: costs the same, with different statements or checks",
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := reporttest.Judge(test.base, test.head, test.metrics...)
			if j.Verdict() != test.verdict || j.Sentence() != test.sentence {
				t.Errorf("got %s: %s\nwant %s: %s", j.Verdict(), j.Sentence(), test.verdict, test.sentence)
			}
			if diff := cmp.Diff(test.findings, told(j)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			failing := 0
			for _, f := range j.Findings {
				if f.Verdict == report.Worse || f.Verdict == report.NotCompared {
					failing++
				}
			}
			if got := len(j.Failing()); got != failing || got > 0 != (j.Verdict() == "regression") {
				t.Errorf("%d findings fail, want %d", got, failing)
			}
		})
	}
}

func told(j findings.Judgment) []string {
	var lines []string
	for _, f := range j.Findings {
		lines = append(lines, fmt.Sprintf("%s %s %v: %s", f.Verdict, f.Subject(), f.N, f.Headline()))
	}
	return lines
}

// TestJudgeKeepsOutcomesApart has a series that costs more, and one of another outcome that only
// grows faster.
func TestJudgeKeepsOutcomesApart(t *testing.T) {
	queries := func(n int, outcome string, count int) scenarios.Result {
		return reporttest.Ran("v1", "agents", n, outcome, reporttest.Each(tracer.KindQuery, "Get", count))
	}
	base := []scenarios.Result{queries(1, "200", 5), queries(2, "409", 9), queries(3, "409", 9), queries(4, "409", 9)}
	head := []scenarios.Result{queries(1, "200", 6), queries(2, "409", 6), queries(3, "409", 7), queries(4, "409", 8)}
	j := reporttest.Judge(base, head)
	want := []string{
		"worse v1 agents [1]: SQL rises by 1 at N=1 (baseline 5)",
		"worse v1 agents [2 3 4]: SQL grows by 1 per agent (baseline 0)",
	}
	if diff := cmp.Diff(want, told(j)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	const sentence = "1 measurement costs more than the baseline; 1 scenario grows faster, though no measurement shows it; 3 measurements cost less."
	if got := j.Sentence(); got != sentence {
		t.Errorf("got %s\nwant %s", got, sentence)
	}
	for _, f := range j.Findings {
		for _, c := range f.Changes {
			if got := len(c.Repeats.Points); got != len(f.N) || len(c.Callers[0].Growth.Points) != got {
				t.Errorf("N %v: repeats at %v, calls at %v", f.N, c.Repeats.Points, c.Callers[0].Growth.Points)
			}
		}
	}
}

// TestJudgeGroups checks that two scenarios share a finding only if it is entirely the same.
func TestJudgeGroups(t *testing.T) {
	get := func(count int, stack ...tracer.Frame) []tracer.Event {
		return reporttest.Each(tracer.KindQuery, "Get", count, stack...)
	}
	check := func(count int) []tracer.Event { return reporttest.Each(tracer.KindCheck, "read", count) }
	base := [][]tracer.Event{get(3, reporttest.List), check(1)}
	for _, test := range []struct {
		name                 string
		base, head           [][]tracer.Event // of the second; the first goes from base to get(4, list)
		outcome, otherBudget string
		version              string
		together             bool
	}{
		{name: "alike", base: base, head: [][]tracer.Event{get(4, reporttest.List), check(1)}, together: true},
		{name: "another rise", base: base, head: [][]tracer.Event{get(5, reporttest.List), check(1)}},
		{name: "another start", base: [][]tracer.Event{get(2, reporttest.List), check(1)}, head: [][]tracer.Event{get(4, reporttest.List), check(1)}},
		{name: "another caller", base: base, head: [][]tracer.Event{get(4, reporttest.Price), check(1)}},
		{name: "a caller further out", base: base, head: [][]tracer.Event{get(4, reporttest.Serve, reporttest.List), check(1)}},
		{name: "repeats", base: base, head: [][]tracer.Event{reporttest.Again(tracer.KindQuery, "Get", 4, reporttest.List), check(1)}},
		{name: "arguments that are not known", base: base, head: [][]tracer.Event{reporttest.Unknown(get(4, reporttest.List)), check(1)}},
		{name: "another statement", base: base, head: [][]tracer.Event{get(3, reporttest.List), check(1), reporttest.Each(tracer.KindQuery, "List", 1, reporttest.List)}},
		{name: "more checks as well", base: base, head: [][]tracer.Event{get(4, reporttest.List), check(2)}},
		{name: "other checks, which did not change", base: [][]tracer.Event{get(3, reporttest.List), check(2)}, head: [][]tracer.Event{get(4, reporttest.List), check(2)}},
		{name: "other statements, which did not change", base: append(base[:2:2], reporttest.Each(tracer.KindQuery, "List", 1)), head: [][]tracer.Event{get(4, reporttest.List), check(1), reporttest.Each(tracer.KindQuery, "List", 1)}},
		{name: "another outcome", base: base, head: [][]tracer.Event{get(4, reporttest.List), check(1)}, outcome: "409"},
		{name: "another version", base: base, head: [][]tracer.Event{get(4, reporttest.List), check(1)}, version: "v2"},
		{name: "a budget", base: base, head: [][]tracer.Event{get(4, reporttest.List), check(1)}, otherBudget: "b"},
		{name: "a budget of the first", base: base, head: [][]tracer.Event{get(4, reporttest.List), check(1)}, otherBudget: "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			outcome, version := order.Or(test.outcome, "200"), order.Or(test.version, "v1")
			baseline := report.NewFile(report.Subject{Name: "test"}, []scenarios.Result{reporttest.Ran("v1", "a", 0, "200", base...), reporttest.Ran(version, "b", 0, outcome, test.base...)})
			if test.otherBudget != "" {
				most := 3
				baseline.Budgets = []report.Budget{{Scenario: test.otherBudget, Metric: tracer.SQL, Max: &most, Reason: "a test"}}
			}
			j := reporttest.JudgeAll(reporttest.Subject, baseline, []scenarios.Result{
				reporttest.Ran("v1", "a", 0, "200", get(4, reporttest.List), check(1)), reporttest.Ran(version, "b", 0, outcome, test.head...),
			}, report.CostMetrics())
			want := []string{"a []", "b []"}
			if test.together {
				want = []string{"a [b]"}
			}
			var got []string
			for _, f := range j.Findings {
				got = append(got, fmt.Sprintf("%s %v", f.Scenario, f.Also))
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestJudgeDoesNotGroupDifferentFindings checks findings without causes.
func TestJudgeDoesNotGroupDifferentFindings(t *testing.T) {
	three := []scenarios.Result{
		reporttest.Ran("v1", "a", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 3)),
		reporttest.Ran("v1", "b", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 9)),
		reporttest.Ran("v1", "c", 0, "200", reporttest.Each(tracer.KindQuery, "List", 3)),
	}
	for _, j := range []findings.Judgment{reporttest.Judge(nil, three), reporttest.Judge(three, nil)} {
		text := findings.Text(j, findings.Advice{}, term.Style{}, false)
		for _, line := range []string{"v1 a, c: is", "SQL 3", "v1 b: is", "SQL 9"} {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), line) {
				t.Errorf("no %q in\n%s", line, text)
			}
		}
	}
}

// TestJudgeGroupsByShownMetrics has scenarios that differ only in acquires.
func TestJudgeGroupsByShownMetrics(t *testing.T) {
	work := func(statements, acquires int) []tracer.Event {
		return slices.Concat(reporttest.Each(tracer.KindQuery, "Get", statements), reporttest.Taken(acquires))
	}
	for _, test := range []struct {
		name string
		base []tracer.Event
		want []string
	}{
		{"worse, of which the cause is shown", work(3, 5), []string{"worse a [b]"}},
		{"better, of which all is shown", work(5, 5), []string{"better a []", "better b []"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := reporttest.Judge(
				[]scenarios.Result{reporttest.Ran("v1", "a", 0, "200", test.base), reporttest.Ran("v1", "b", 0, "200", test.base)},
				[]scenarios.Result{reporttest.Ran("v1", "a", 0, "200", work(4, 4)), reporttest.Ran("v1", "b", 0, "200", work(4, 3))})
			var got []string
			for _, f := range j.Findings {
				got = append(got, fmt.Sprintf("%s %s %v", f.Verdict, f.Scenario, f.Also))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBudgetHeadline checks that a headline names a budget only for its own limits.
func TestBudgetHeadline(t *testing.T) {
	const none = -1
	for _, test := range []struct {
		most, perN int
		want       string
	}{
		{23, none, "SQL is over its budget: at most 23 a request"},
		{none, 0, "SQL is over its budget: at most 0 per agent"},
		{99, 0, "SQL is over its budget: at most 99 a request, 0 per agent"},
		{24, none, "SQL grows by 1 per agent (baseline 0)"},
		{99, none, "SQL grows by 1 per agent (baseline 0)"},
		{none, 1, "SQL grows by 1 per agent (baseline 0)"},
	} {
		if got := reporttest.Budgeted(test.most, test.perN).Findings[0].Headline(); got != test.want {
			t.Errorf("max %d, per N %d: got %s, want %s", test.most, test.perN, got, test.want)
		}
	}
}

// TestFindingMain checks that round trips and acquires are left out exactly if they follow the
// statements.
func TestFindingMain(t *testing.T) {
	get := func(count int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", count) }
	for _, test := range []struct {
		name       string
		base, head func(n int) []tracer.Event
		metrics    []tracer.Metric
		want       []tracer.Metric
	}{
		{"all alike",
			func(int) []tracer.Event { return slices.Concat(get(5), reporttest.Taken(5)) },
			func(n int) []tracer.Event { return slices.Concat(get(5+n), reporttest.Taken(5+n)) }, nil,
			[]tracer.Metric{tracer.SQL}},
		{"another level, and alike",
			func(int) []tracer.Event { return slices.Concat(get(5), reporttest.Taken(1)) },
			func(n int) []tracer.Event { return slices.Concat(get(5+n), reporttest.Taken(1+n)) }, nil,
			[]tracer.Metric{tracer.SQL}},
		{"more acquires",
			func(int) []tracer.Event { return slices.Concat(get(5), reporttest.Taken(5)) },
			func(n int) []tracer.Event { return slices.Concat(get(5+n), reporttest.Taken(5+2*n)) }, nil,
			[]tracer.Metric{tracer.SQL, tracer.Acquires}},
		{"fewer acquires",
			func(int) []tracer.Event { return slices.Concat(get(5), reporttest.Taken(1)) },
			func(n int) []tracer.Event { return slices.Concat(get(5+2*n), reporttest.Taken(1+n)) }, nil,
			[]tracer.Metric{tracer.SQL, tracer.Acquires}},
		{"unlike at one N",
			func(int) []tracer.Event { return slices.Concat(get(5), reporttest.Taken(5)) },
			func(n int) []tracer.Event { return slices.Concat(get(5+n), reporttest.Taken(5+max(n, 2))) }, nil,
			[]tracer.Metric{tracer.SQL, tracer.Acquires}},
		{"only acquires",
			func(int) []tracer.Event { return slices.Concat(get(5), reporttest.Taken(1)) },
			func(n int) []tracer.Event { return slices.Concat(get(5), reporttest.Taken(1+n)) }, nil,
			[]tracer.Metric{tracer.Acquires}},
		{"statements not judged",
			func(int) []tracer.Event { return slices.Concat(get(5), reporttest.Taken(5)) },
			func(n int) []tracer.Event { return slices.Concat(get(5+n), reporttest.Taken(5+n)) }, []tracer.Metric{tracer.RoundTrips, tracer.Acquires},
			[]tracer.Metric{tracer.RoundTrips, tracer.Acquires}},
		{"checks are their own",
			func(int) []tracer.Event { return slices.Concat(get(5), reporttest.Each(tracer.KindCheck, "read", 5)) },
			func(n int) []tracer.Event {
				return slices.Concat(get(5+n), reporttest.Each(tracer.KindCheck, "read", 5+n))
			}, nil,
			[]tracer.Metric{tracer.SQL, tracer.RBAC}},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := reporttest.Judge(reporttest.Sweep("agents", test.base), reporttest.Sweep("agents", test.head), test.metrics...)
			if got := j.Findings[0].Main(); !slices.Equal(got, test.want) {
				t.Errorf("got %v of %v, want %v", got, j.Findings[0].Worse, test.want)
			}
		})
	}
}

func TestChanges(t *testing.T) {
	base := reporttest.Sweep("agents", func(int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", 1) })
	unsent := func(events []tracer.Event) []tracer.Event {
		for i := range events {
			events[i].Outcome = tracer.OutcomeNotSent
		}
		return events
	}
	for _, test := range []struct {
		name string
		work func(n int) []tracer.Event // instead of one Get
		want []string
	}{
		{"other arguments", func(n int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", 1+n) },
			[]string{"statement Get 1 → 1 + N, all distinct: 1 + N by nobody"}},
		{"equal arguments", func(n int) []tracer.Event { return reporttest.Again(tracer.KindQuery, "Get", 1+n) },
			[]string{"statement Get 1 → 1 + N, repeats N: 1 + N by nobody"}},
		{"unknown arguments are never equal", func(n int) []tracer.Event { return reporttest.Unknown(reporttest.Again(tracer.KindQuery, "Get", 1+n)) },
			[]string{"statement Get 1 → 1 + N, repeats 0, opaque 5: 1 + N by nobody"}},
		{"equal writes", func(n int) []tracer.Event { return reporttest.Writing(reporttest.Again(tracer.KindQuery, "Get", 1+n)) },
			[]string{"statement Get 1 → 1 + N, repeats 0, equal map[writes:4]: 1 + N by nobody"}},
		{"equal locks", func(n int) []tracer.Event { return reporttest.Locking(reporttest.Again(tracer.KindQuery, "Get", 1+n)) },
			[]string{"statement Get 1 → 1 + N, repeats 0, equal map[locks:4]: 1 + N by nobody"}},
		{"equal reads between writes", func(n int) []tracer.Event {
			pair := append(reporttest.Again(tracer.KindQuery, "Get", 1), reporttest.Writing(reporttest.Again(tracer.KindTx, "rollback", 1))...)
			return slices.Concat(slices.Repeat(pair, 1+n), reporttest.Again(tracer.KindQuery, "Get", 1))
		}, []string{"statement Get 1 → 2 + N, repeats 0, equal map[after a write:5]: 2 + N by nobody"}},
		{"equal reads that fail", func(n int) []tracer.Event { return reporttest.Failing(reporttest.Again(tracer.KindQuery, "Get", 1+n)) },
			[]string{"statement Get 1 → 1 + N, repeats 0, equal map[after a failure:4]: 1 + N by nobody"}},
		{"equal in three ways", func(n int) []tracer.Event {
			write := reporttest.Writing(reporttest.Each(tracer.KindTx, "rollback", 1))
			return slices.Concat(reporttest.Again(tracer.KindQuery, "Get", 1+n), write, reporttest.Failing(reporttest.Again(tracer.KindQuery, "Get", 1)), reporttest.Again(tracer.KindQuery, "Get", 2))
		}, []string{"statement Get 1 → 4 + N, repeats 1 + N, equal map[after a failure:1 after a write:1]: 4 + N by nobody"}},
		{"what never reached the server", func(n int) []tracer.Event {
			return slices.Concat(reporttest.Each(tracer.KindQuery, "Get", 1+n), unsent(reporttest.Each(tracer.KindQuery, "Get", 9)))
		}, []string{"statement Get 1 → 1 + N, all distinct: 1 + N by nobody"}},
		{"one caller", func(n int) []tracer.Event {
			return reporttest.Each(tracer.KindQuery, "Get", 1+n, reporttest.Serve, reporttest.List)
		},
			[]string{"statement Get 1 → 1 + N, all distinct: 1 + N by Server.orders Service.List"}},
		{"callers, fastest growing first", func(n int) []tracer.Event {
			return slices.Concat(reporttest.Each(tracer.KindQuery, "Get", 30, reporttest.Serve), reporttest.Each(tracer.KindQuery, "Get", n, reporttest.Serve, reporttest.List), reporttest.Each(tracer.KindQuery, "Get", 2*n, reporttest.Serve, reporttest.Price))
		}, []string{"statement Get 1 → 30 + 3·N, repeats 3·N: 2·N by Server.orders Service.price, N by Server.orders Service.List, 30 by Server.orders"}},
		{"callers that do not grow, most first", func(int) []tracer.Event {
			return slices.Concat(reporttest.Each(tracer.KindQuery, "Get", 2, reporttest.List), reporttest.Each(tracer.KindQuery, "Get", 5, reporttest.Price), reporttest.Each(tracer.KindQuery, "Get", 3, reporttest.Audit))
		}, []string{"statement Get 1 → 10, repeats 5: 5 by Service.price, 3 by Service.audit, 2 by Service.List"}},
		{"a caller that comes late", func(n int) []tracer.Event {
			return slices.Concat(reporttest.Each(tracer.KindQuery, "Get", 1, reporttest.List), reporttest.Each(tracer.KindQuery, "Get", max(n-3, 0), reporttest.Price))
		}, []string{"statement Get 1 → irregular, repeats irregular: irregular by Service.price, 1 by Service.List"}},
		{"the same function at two lines", func(int) []tracer.Event {
			return slices.Concat(reporttest.Each(tracer.KindQuery, "Get", 1, reporttest.List), reporttest.Each(tracer.KindQuery, "Get", 1, reporttest.Frame("orders.(*Service).List", "orders/list.go", 13)))
		}, []string{"statement Get 1 → 2, repeats 1: 1 by Service.List, 1 by Service.List"}},
		{"with and without a stack", func(n int) []tracer.Event {
			return slices.Concat(reporttest.Each(tracer.KindQuery, "Get", 1), reporttest.Each(tracer.KindQuery, "Get", n, reporttest.List))
		}, []string{"statement Get 1 → 1 + N, repeats 1: N by Service.List, 1 by nobody"}},
		{"a copy is a statement", func(n int) []tracer.Event { return reporttest.Each(tracer.KindCopy, "Get", 1+n, reporttest.List) },
			[]string{"statement Get 1 → 1 + N, all distinct: 1 + N by Service.List"}},
		{"a check of the same name is none", func(n int) []tracer.Event {
			return slices.Concat(reporttest.Each(tracer.KindQuery, "Get", 1+n, reporttest.List), reporttest.Again(tracer.KindCheck, "Get", 2*n, reporttest.Audit))
		}, []string{"statement Get 1 → 1 + N, all distinct: 1 + N by Service.List", "check Get 0 → 2·N, repeats 2·N - 1: 2·N by Service.audit"}},
		{"most changed first", func(n int) []tracer.Event {
			return slices.Concat(reporttest.Each(tracer.KindQuery, "A", 1), reporttest.Each(tracer.KindQuery, "B", 9), reporttest.Each(tracer.KindQuery, "Get", n))
		}, []string{"statement B 0 → 9, all distinct: 9 by nobody", "statement Get 1 → N, all distinct: N by nobody", "statement A 0 → 1, all distinct: 1 by nobody"}},
		{"checks first where only they are worse", func(n int) []tracer.Event {
			return slices.Concat(reporttest.Each(tracer.KindQuery, "List", 1), reporttest.Each(tracer.KindCheck, "read", n))
		}, []string{"check read 0 → N, all distinct: N by nobody", "statement List 0 → 1, all distinct: 1 by nobody", "statement Get 1 → 0, all distinct: "}},
		{"gone", func(n int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "List", 1+n, reporttest.List) },
			[]string{"statement List 0 → 1 + N, all distinct: 1 + N by Service.List", "statement Get 1 → 0, all distinct: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, c := range reporttest.Judge(base, reporttest.Sweep("agents", test.work)).Findings[0].Changes {
				kind, repeats := "statement", fmt.Sprintf("repeats %v", c.Repeats)
				if c.Check {
					kind = "check"
				}
				switch {
				case len(c.Equal) > 0:
					repeats += fmt.Sprintf(", equal %v", c.Equal)
				case c.Opaque > 0:
					repeats += fmt.Sprintf(", opaque %d", c.Opaque)
				case slices.IndexFunc(c.Repeats.Points, func(p report.Point) bool { return p.Count > 0 }) < 0:
					repeats = "all distinct"
				}
				var callers []string
				for _, caller := range c.Callers {
					var names []string
					for _, f := range caller.Stack {
						names = append(names, f.Name())
					}
					if len(names) == 0 {
						names = []string{"nobody"}
					}
					callers = append(callers, fmt.Sprintf("%v by %s", caller.Growth, strings.Join(names, " ")))
				}
				got = append(got, fmt.Sprintf("%s %s %v → %v, %s: %s", kind, c.Name, c.Base, c.Head, repeats, strings.Join(callers, ", ")))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("causes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCausesOfOneSeries has a 409 with many statements among the cells of a series, and another
// version. Neither is a cause.
func TestCausesOfOneSeries(t *testing.T) {
	base := reporttest.Sweep("agents", func(int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", 1) })
	head := reporttest.Sweep("agents", func(n int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", 1+n, reporttest.List) })
	base[2].Outcome = "409"
	head[2] = reporttest.Ran("v1", "agents", 3, "409", reporttest.Again(tracer.KindQuery, "Get", 50, reporttest.Audit))
	head = append(head, reporttest.Ran("v2", "agents", 1, "200", reporttest.Again(tracer.KindQuery, "Get", 50, reporttest.Audit)))
	slices.Reverse(head)
	f := reporttest.Judge(base, head).Findings[0]
	if f.HeadOutcome != "200" {
		f = reporttest.Judge(base, head).Findings[1]
	}
	c := f.Changes[0]
	want := fmt.Sprint(reporttest.Points(1, 2, 2, 3, 4, 5), reporttest.Points(1, 0, 2, 0, 4, 0), []tracer.Frame{reporttest.List}, 1)
	if got := fmt.Sprint(c.Callers[0].Growth.Points, c.Repeats.Points, c.Callers[0].Stack, len(c.Callers)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
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

package findings_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A shop is measured code whose lines all move by moved. The other fields are the differences
// between measurements.
type shop struct {
	*reporttest.Operation
	n, moved int

	loop   bool // list reads the price of each order, not of all
	twice  bool // list reads it a second time
	owner  int  // which of three endpoints read the owner, by a helper that is new
	vat    int  // which of them read the tax, by a helper that one of them calls anyway
	memo   bool // the helper that all of them call anyway keeps what it has found
	other  bool // list counts by another statement
	helper bool // list reads the prices in a helper that is new
	closes bool // list reads in a closure, and in a generic function
}

func (s shop) price() {
	for i := range s.n {
		s.Call(20+s.moved, "shop.(*Store).Price", "store.go", func() {
			s.Check(5+s.moved, "read price", fmt.Sprint(i))
			s.Query(6+s.moved, "Price", fmt.Sprint(i))
		})
	}
}

func (s shop) serve(name string, i int, body func()) {
	s.Call(0, "web.(*Server).ServeHTTP", "server.go", func() {
		s.Call(7, "web."+name, name+".go", func() {
			s.Query(3+s.moved, "Session", "")
			for round := range 2 {
				if round == 0 || !s.memo {
					s.Call(4+round+s.moved, "shop.user", "user.go", func() { s.Query(9+s.moved, "User", "") })
				}
			}
			body()
			if i < s.owner {
				s.Call(30+s.moved, "shop.owner", "owner.go", func() { s.Query(2+s.moved, "Owner", "") })
			}
			if i < s.vat || i == 0 {
				s.Call(40+s.moved, "shop.vat", "vat.go", func() { s.Query(3+s.moved, "Vat", "") })
			}
		})
	})
}

// measure returns results of three endpoints over N.
func measure(of shop) []scenarios.Result {
	var results []scenarios.Result
	for i, name := range []string{"list", "get", "search"} {
		for _, n := range []int{1, 2, 3, 4} {
			recording := reporttest.Operate(func(o *reporttest.Operation) {
				s := of
				s.Operation, s.n = o, n
				s.serve(name, i, func() {
					if i > 0 {
						return
					}
					if s.loop && s.helper {
						s.Call(70, "web.prices", "list.go", s.price)
					} else if s.loop {
						s.price()
					}
					if s.twice {
						s.moved += 3
						s.price()
						s.moved -= 3
					}
					statement := "CountOrders"
					if s.other {
						statement = "CountOrdersFast"
					}
					s.Query(50+s.moved, statement, "")
					if s.closes {
						s.Call(60, "web.list.func1", "list.go", func() {
							s.Call(61, "shop.Map[...]", "map.go", func() { s.Query(5, "Mapped", "") })
						})
					}
				})
			})
			result := reporttest.Ran("v1", name, n, "200")
			result.Recording = recording
			results = append(results, result)
		}
	}
	return results
}

// TestCauses checks that exactly the places that are new or request more are causes, in all
// scenarios.
func TestCauses(t *testing.T) {
	before := shop{memo: true, loop: true}
	for _, test := range []struct {
		name       string
		base, head shop
		want       []string // where, what, and in which scenarios
	}{
		{"nothing", before, before, nil},
		{"other lines", before, shop{memo: true, loop: true, moved: 100}, nil},
		{"a read in a loop, on other lines", shop{memo: true}, shop{memo: true, loop: true, moved: 100}, []string{
			"list.go:120 list → Store.Price new: one more query per order: Price, one more check per order: read price [list]",
		}},
		{"a second place of one statement", before, shop{memo: true, loop: true, twice: true}, []string{
			"list.go:23 list → Store.Price new: one more query per order: Price, one more check per order: read price [list]",
		}},
		{"two places of one statement", shop{memo: true}, shop{memo: true, loop: true, twice: true}, []string{
			"list.go:20 list → Store.Price new: one more query per order: Price, one more check per order: read price [list]",
			"list.go:23 list → Store.Price new: one more query per order: Price, one more check per order: read price [list]",
		}},
		{"a new helper of three", before, shop{memo: true, loop: true, owner: 3}, []string{
			"owner.go:2 owner new: one more query: Owner [get list search] from get.go:30 list.go:30 search.go:30",
		}},
		{"a new helper of two", before, shop{memo: true, loop: true, owner: 2}, []string{
			"owner.go:2 owner new: one more query: Owner [get list] from get.go:30 list.go:30",
		}},
		{"a new helper of one", before, shop{memo: true, loop: true, owner: 1}, []string{
			"list.go:30 list → owner new: one more query: Owner [list]",
		}},
		{"a call of what another calls", before, shop{memo: true, loop: true, vat: 2}, []string{
			"get.go:40 get → vat new: one more query: Vat [get]",
		}},
		{"a helper that forgets", before, shop{loop: true}, []string{
			"user.go:9 user new: one more query: User [get list search] from get.go:5 list.go:5 search.go:5",
		}},
		{"another caller, and a read more", before, shop{memo: true, loop: true, helper: true, owner: 1}, []string{
			"list.go:30 list → owner new: one more query: Owner [list]",
		}},
		{"no caller between any more, and a read more", shop{memo: true, loop: true, helper: true}, shop{memo: true, loop: true, owner: 1}, []string{
			"list.go:30 list → owner new: one more query: Owner [list]",
		}},
		{"one for another", before, shop{memo: true, loop: true, other: true}, nil},
		{"a closure and a generic function", before, shop{memo: true, loop: true, closes: true}, []string{
			"list.go:60 list → list.func1 new: one more query: Mapped [list]",
		}},
		{"several, the largest first", before, shop{memo: true, loop: true, twice: true, owner: 3, other: true}, []string{
			"list.go:23 list → Store.Price new: one more query per order: Price, one more check per order: read price [list]",
			"owner.go:2 owner new: one more query: Owner [get list search] from get.go:30 list.go:30 search.go:30",
		}},
		{"fewer", shop{loop: true, owner: 3}, before, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := judge(measure(test.base), measure(test.head), true)
			if diff := cmp.Diff(test.want, placed(j)); diff != "" {
				t.Errorf("causes (-want +got):\n%s", diff)
			}
			if failing := len(j.Failing()) > 0; failing != (len(test.want) > 0) {
				t.Errorf("%d findings fail", len(j.Failing()))
			}
			if n := len(j.Unplaced()); n > 0 && !test.head.other && len(test.want) > 0 {
				t.Errorf("%d findings have no place", n)
			}
		})
	}
}

// judge judges head by base, with or without call sites in the baseline.
func judge(base, head []scenarios.Result, known bool) findings.Judgment {
	subject := report.Subject{Name: "shop", Versions: []string{"v1"}, Whole: true}
	for _, name := range []string{"list", "get", "search"} {
		subject.Scenarios = append(subject.Scenarios, report.Scenario{Name: name, Unit: "order"})
	}
	baseline := report.NewFile(subject, base)
	if known {
		baseline.Trees = calltree.Bare(calltree.Trees(base))
	}
	return reporttest.JudgeAll(subject, baseline, head, report.CostMetrics())
}

func placed(j findings.Judgment) []string {
	var list []string
	for _, c := range j.Causes {
		var asks, scenarios, from []string
		for _, a := range c.Asks {
			asks = append(asks, a.More(c.Unit())+": "+a.Name)
		}
		for _, f := range c.Findings {
			scenarios = append(scenarios, f.Scenarios()...)
		}
		slices.Sort(scenarios)
		for _, f := range c.From {
			from = append(from, f.Site())
		}
		text := fmt.Sprintf("%s %s", c.Site(), c.Way())
		if c.New {
			text += " new"
		}
		text += ": " + strings.Join(asks, ", ") + " " + fmt.Sprint(scenarios)
		if len(from) > 0 {
			text += " from " + strings.Join(from, " ")
		}
		list = append(list, text)
	}
	return list
}

// TestCausesOfOldBaselines has a baseline without call sites: the place is known for a new
// statement, and for another one only if it has a single place.
func TestCausesOfOldBaselines(t *testing.T) {
	known := judge(measure(shop{memo: true}), measure(shop{memo: true, loop: true}), false)
	want := []string{"list.go:20 list → Store.Price new: one more query per order: Price, one more check per order: read price [list]"}
	if diff := cmp.Diff(want, placed(known)); diff != "" {
		t.Errorf("causes (-want +got):\n%s", diff)
	}
	unknown := judge(measure(shop{memo: true, loop: true}), measure(shop{memo: true, loop: true, twice: true}), false)
	b := findings.Text(unknown, findings.Advice{}, term.Style{}, false)
	if len(unknown.Causes) > 0 || len(unknown.Unplaced()) != 1 || !strings.Contains(b, "the baseline has no call sites, so it is unknown which of the places is new\n") {
		t.Errorf("causes %q; it says\n%s", placed(unknown), b)
	}
}

// TestWriteIsShort checks that a cause fits on a screen, and that only the first of many are
// shown.
func TestWriteIsShort(t *testing.T) {
	var base, head []scenarios.Result
	for i := range 40 {
		for _, n := range []int{1, 2, 3} {
			cell := func(causes int) scenarios.Result {
				result := reporttest.Ran(fmt.Sprintf("version-%02d", i%5), fmt.Sprintf("scenario-%02d", i), n, "200")
				result.Recording = reporttest.Operate(func(o *reporttest.Operation) {
					o.Call(0, "web.serve", "web/with/a/long/path/to/serve.go", func() {
						o.Query(1, "Session", "")
						for c := range causes {
							o.Call(10+c, fmt.Sprintf("shop.read%02d", c), "shop.go", func() { o.Query(2, fmt.Sprintf("Read%02d", c), "") })
						}
					})
				})
				return result
			}
			base, head = append(base, cell(0)), append(head, cell(1+4*(i/39)))
		}
	}
	subject := report.Subject{Name: "shop", Whole: true}
	baseline := report.NewFile(subject, base)
	baseline.Trees = calltree.Bare(calltree.Trees(base))
	advice := findings.Advice{Accept: func([]findings.Finding) []string { return []string{"accept"} }, Details: "(-v lists them)"}
	for _, test := range []struct {
		cells, lines, causes int
		all                  bool
	}{{117, 10, 1, false}, {120, 25, 5, false}, {120, 60, 5, true}} {
		j := reporttest.JudgeAll(subject, report.File{Subject: subject, Rows: baseline.Rows[:test.cells], Trees: baseline.Trees}, head[:test.cells], report.CostMetrics())
		b := findings.Text(j, advice, term.Style{}, test.all)
		text := b
		if got := strings.Count(text, "\n"); got > test.lines || len(j.Causes) != test.causes {
			t.Errorf("%d causes, %d lines:\n%s", len(j.Causes), got, text)
		}
		if strings.Contains(text, "and 2 more causes (-v lists them)\n") != (test.causes > 3 && !test.all) {
			t.Errorf("all: %v\n%s", test.all, text)
		}
		for line := range strings.Lines(text) {
			if term.Width(strings.TrimSuffix(line, "\n")) > 80 {
				t.Errorf("wider than 80 columns: %s", line)
			}
		}
		if strings.Count(text, "accept\n") != 1 || !strings.HasPrefix(text, fmt.Sprintf("REGRESSION  %s, in %d of %d measurements.\n", term.Count(test.causes, "cause", "causes"), test.cells, test.cells)) {
			t.Errorf("it says\n%s", text)
		}
	}
}

// What is done again and again is said to have other arguments only where all of them have.
func TestRemedy(t *testing.T) {
	again := func(n int) []tracer.Event { return reporttest.Again(tracer.KindQuery, "Get", 2*n, reporttest.List) }
	for name, c := range map[string]struct {
		work func(n int) []tracer.Event
		want string
	}{
		"other arguments": {func(n int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Get", 2*n, reporttest.List) },
			"8 times with different arguments: one query for all would do"},
		"other writes": {func(n int) []tracer.Event {
			return reporttest.Writing(reporttest.Each(tracer.KindQuery, "Get", 2*n, reporttest.List))
		}, "8 times with different arguments: one query for all would do"},
		"equal reads":   {again, "7 of 8 repeat an earlier one: keep its result"},
		"equal writes":  {func(n int) []tracer.Event { return reporttest.Writing(again(n)) }, ""},
		"equal locks":   {func(n int) []tracer.Event { return reporttest.Locking(again(n)) }, ""},
		"failing reads": {func(n int) []tracer.Event { return reporttest.Failing(again(n)) }, ""},
		"unknown":       {func(n int) []tracer.Event { return reporttest.Unknown(again(n)) }, ""},
		"reads between writes": {func(n int) []tracer.Event {
			write := reporttest.Writing(reporttest.Again(tracer.KindTx, "rollback", 1))
			return slices.Repeat(append(reporttest.Again(tracer.KindQuery, "Get", 1, reporttest.List), write...), 2*n)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			base := reporttest.Sweep("agents", func(int) []tracer.Event { return reporttest.Each(tracer.KindQuery, "Other", 1, reporttest.List) })
			j := reporttest.Judge(base, reporttest.Sweep("agents", c.work))
			if len(j.Causes) != 1 || j.Causes[0].Asks[0].Remedy() != c.want {
				t.Errorf("causes %+v, want one with %q", j.Causes, c.want)
			}
		})
	}
}

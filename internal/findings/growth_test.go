package findings

import (
	"fmt"
	"testing"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

func points(pairs ...int) []report.Point {
	var list []report.Point
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, report.Point{N: pairs[i], Count: pairs[i+1]})
	}
	return list
}

func TestLargest(t *testing.T) {
	for _, test := range []struct {
		base, head []report.Point
		want       string
	}{
		{nil, nil, "0: 0 → 0, false"},
		{points(1, 3), points(2, 3), "0: 0 → 0, false"},
		{points(1, 3, 2, 3, 4, 3), points(1, 4, 2, 5, 4, 4), "2: 3 → 5, true"},
		{points(1, 3, 2, 3, 4, 3), points(1, 4, 2, 4, 4, 4), "4: 3 → 4, true"},
		{points(1, 3, 2, 9, 4, 3), points(1, 2, 2, 1, 4, 3), "4: 3 → 3, true"},
		{points(1, 3, 2, 3), points(2, 3, 4, 9), "2: 3 → 3, true"},
	} {
		n, from, to, ok := largest(report.GrowthDiff{Base: report.Growth{Points: test.base}, Head: report.Growth{Points: test.head}})
		if got := fmt.Sprintf("%d: %d → %d, %t", n, from, to, ok); got != test.want {
			t.Errorf("%v → %v: got %s, want %s", test.base, test.head, got, test.want)
		}
	}
}

// TestAskInWords has each kind of increase, and of repeats.
func TestAskInWords(t *testing.T) {
	for _, test := range []struct {
		ask    Ask
		points []report.Point // of the head; those of the base are 0
		want   string
	}{
		{Ask{Kind: tracer.KindQuery}, points(1, 1, 2, 1, 4, 1), "one more query; "},
		{Ask{Kind: tracer.KindCheck}, points(1, 2, 2, 2, 4, 2), "2 more checks; "},
		{Ask{Kind: tracer.KindTx}, points(1, 1, 2, 2, 4, 4), "one more transaction statement per order; "},
		{Ask{Kind: tracer.KindQuery}, points(1, 2, 2, 4, 4, 8), "2 more queries per order; 8 times with different arguments: one query for all would do"},
		{Ask{Kind: tracer.KindQuery, Alike: 1}, points(1, 3, 2, 4, 4, 6), "one more query per order, and 2 besides; "},
		{Ask{Kind: tracer.KindQuery, Repeats: 1}, points(1, 0, 2, 1, 4, 3), "one more query per order after the first; 1 of 3 repeat an earlier one: keep its result"},
		{Ask{Kind: tracer.KindQuery, Repeats: 2}, points(2, 0, 3, 1, 4, 2), "one more query per order, starting lower; all 2 repeat an earlier one: keep its result"},
		{Ask{Kind: tracer.KindQuery, Repeats: 1}, points(1, 2, 2, 1, 4, 1), "2 more queries at N=1; "},
		{Ask{Kind: tracer.KindQuery}, points(0, 3), "3 more queries; "},
		{Ask{Kind: tracer.KindQuery, Repeats: 3}, points(4, 3), "3 more queries at N=4; all 3 repeat an earlier one: keep its result"},
	} {
		test.ask.Head.Points = test.points
		for _, p := range test.points {
			test.ask.Base.Points = append(test.ask.Base.Points, report.Point{N: p.N})
		}
		if got := test.ask.More("order") + "; " + test.ask.Remedy(); got != test.want {
			t.Errorf("%v: got %s, want %s", test.points, got, test.want)
		}
	}
	cheaper := Ask{Kind: tracer.KindQuery}
	cheaper.Base.Points, cheaper.Head.Points = points(1, 9, 2, 9, 4, 9), points(1, 1, 2, 2, 4, 5)
	if got, want := cheaper.More("order"), "queries that grow faster with N, from a lower start"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

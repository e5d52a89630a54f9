package findings

import (
	"fmt"
	"testing"

	"github.com/fanout-bench/fanout-bench/report"
)

func TestLargest(t *testing.T) {
	points := func(pairs ...int) []report.Point {
		var list []report.Point
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, report.Point{N: pairs[i], Count: pairs[i+1]})
		}
		return list
	}
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

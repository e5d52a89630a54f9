package report_test

import (
	"fmt"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/report"
)

func TestFit(t *testing.T) {
	for _, test := range []struct {
		name   string
		points []report.Point
		shape  report.Shape
		text   string
	}{
		{"no point", nil, report.Unknown, "unknown"},
		{"two points lie on every line", reporttest.Points(1, 19, 2, 26), report.Unknown, "unknown"},
		{"constant", reporttest.Points(1, 13, 2, 13, 16, 13), report.Constant, "13"},
		{"nothing at all", reporttest.Points(0, 0, 1, 0, 2, 0), report.Constant, "0"},
		{"linear", reporttest.Points(1, 19, 2, 26, 3, 33, 4, 40, 8, 68, 16, 124), report.Linear, "12 + 7·N"},
		{"linear from zero", reporttest.Points(0, 5, 1, 6, 2, 7), report.Linear, "5 + N"},
		{"proportional", reporttest.Points(1, 2, 2, 4, 4, 8), report.Linear, "2·N"},
		{"falling", reporttest.Points(1, 9, 2, 8, 4, 6), report.Linear, "10 - N"},
		{"negative constant", reporttest.Points(1, 2, 2, 6, 3, 10), report.Linear, "4·N - 2"},
		{"one and a half for each is no law", reporttest.Points(2, 3, 4, 6, 8, 12), report.Irregular, "irregular"},
		{"one point off the line", reporttest.Points(1, 1, 2, 2, 3, 3, 4, 5), report.Irregular, "irregular"},
		{"one point off the constant", reporttest.Points(1, 4, 2, 4, 3, 4, 4, 5), report.Irregular, "irregular"},
		{"quadratic", reporttest.Points(1, 1, 2, 4, 3, 9, 4, 16), report.Quadratic, "N²"},
		{"quadratic with all terms", reporttest.Points(1, 6, 2, 15, 4, 45, 8, 153), report.Quadratic, "1 + 3·N + 2·N²"},
		{"loop over pairs", reporttest.Points(1, 2, 2, 3, 3, 5, 4, 8), report.Quadratic, "2 + N(N-1)/2"},
		{"line and loop over pairs", reporttest.Points(1, 3, 2, 6, 3, 10, 4, 15), report.Quadratic, "1 + 2·N + N(N-1)/2"},
		{"one point off the curve", reporttest.Points(0, 0, 1, 1, 2, 4, 3, 9, 4, 16, 8, 65, 16, 256), report.Irregular, "irregular"},
		{"falling curve", reporttest.Points(0, 9, 1, 8, 2, 5, 3, 0), report.Quadratic, "9 - N²"},
		{"any three points lie on a curve", reporttest.Points(1, 1, 2, 4, 3, 9), report.Irregular, "irregular"},
		{"cubic", reporttest.Points(1, 1, 2, 8, 3, 27, 4, 64, 5, 125), report.Irregular, "irregular"},
		{"doubling", reporttest.Points(1, 2, 2, 4, 3, 8, 4, 16), report.Irregular, "irregular"},
		{"level from two on", reporttest.Points(1, 1, 2, 2, 3, 2, 4, 2, 8, 2), report.Plateau, "2 from N=2 on"},
		{"level after a climb", reporttest.Points(1, 5, 2, 9, 3, 6, 4, 6, 8, 6), report.Plateau, "6 from N=3 on"},
		{"down to a level", reporttest.Points(0, 9, 1, 7, 2, 0, 3, 0, 4, 0), report.Plateau, "0 from N=2 on"},
		{"level from one on", reporttest.Points(0, 0, 1, 3, 2, 3, 3, 3), report.Plateau, "3 from N=1 on"},
		{"level at other N before", reporttest.Points(1, 2, 2, 1, 3, 2, 4, 2, 8, 2), report.Plateau, "2 from N=3 on"},
		{"level up to twice the N", reporttest.Points(4, 1, 5, 2, 6, 2, 10, 2), report.Plateau, "2 from N=5 on"},
		{"level up to less than twice the N", reporttest.Points(4, 1, 5, 2, 6, 2, 9, 2), report.Irregular, "irregular"},
		{"level at two points only", reporttest.Points(1, 1, 2, 2, 8, 2), report.Irregular, "irregular"},
		{"level, and then not", reporttest.Points(1, 1, 2, 2, 3, 2, 4, 2, 8, 3), report.Irregular, "irregular"},
		{"beyond 2^53", reporttest.Points(1, 1<<53+1, 2, 1<<53+2, 3, 1<<53+3, 4, 1<<53+4), report.Linear, "9007199254740992 + N"},
		{"one off beyond 2^53", reporttest.Points(1, 1<<53+1, 2, 1<<53+2, 3, 1<<53+3, 4, 1<<53+5), report.Irregular, "irregular"},
		{"pairs of 10^9", reporttest.Points(0, 0, 1, 0, 2, 1, 1e9, 1e9*(1e9-1)/2), report.Quadratic, "N(N-1)/2"},
		{"a curve beyond int64", reporttest.Points(0, 0, 1, 0, 2, 1<<61, 16, 0), report.Irregular, "irregular"},
		{"a line beyond int64", reporttest.Points(0, 0, 1, 1<<60, 16, 0), report.Irregular, "irregular"},
		{"N beyond int64", reporttest.Points(0, 0, 1<<32, 0, 1<<33, 1), report.Irregular, "irregular"},
		{"logarithmic", reporttest.Points(1, 1, 2, 2, 4, 3, 8, 4, 16, 5), report.Irregular, "irregular"},
	} {
		t.Run(test.name, func(t *testing.T) {
			law := report.Fit(test.points)
			if law.Shape != test.shape || law.String() != test.text {
				t.Errorf("Fit(%v) = %s %q, want %s %q", test.points, law.Shape, law, test.shape, test.text)
			}
		})
	}
}

// TestFitRecovers fits points of known laws.
func TestFitRecovers(t *testing.T) {
	for fixed := -3; fixed <= 3; fixed++ {
		for perN := -3; perN <= 3; perN++ {
			for pairs := -3; pairs <= 3; pairs++ {
				want := report.Law{Fixed: fixed, PerN: perN, Pairs: pairs}
				var list []report.Point
				for _, n := range []int{0, 1, 2, 3, 4, 8, 16} {
					list = append(list, report.Point{N: n, Count: want.At(n)})
				}
				got := report.Fit(list)
				want.Shape = got.Shape
				if got != want || got.Shape == report.Irregular {
					t.Errorf("Fit(%v) = %+v, want %+v", list, got, want)
				}
				list[5].Count++
				if got := report.Fit(list); got.Shape != report.Irregular {
					t.Errorf("with one count changed, Fit(%v) = %s %s, want irregular", list, got.Shape, got)
				}
			}
		}
	}
}

func ExampleFit() {
	fmt.Println(report.Fit([]report.Point{{N: 1, Count: 19}, {N: 2, Count: 26}, {N: 4, Count: 40}}))
	// Output: 12 + 7·N
}

package report_test

import (
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fanout-bench/fanout-bench/report"
)

// sweeps generates at least so many ascending values of N.
func sweeps(least int) *rapid.Generator[[]int] {
	return rapid.Custom(func(t *rapid.T) []int {
		ns := rapid.SliceOfNDistinct(rapid.IntRange(0, 2000), least, 12, rapid.ID[int]).Draw(t, "N")
		slices.Sort(ns)
		return ns
	})
}

func at(ns []int, count func(n int) int) []report.Point {
	var list []report.Point
	for _, n := range ns {
		list = append(list, report.Point{N: n, Count: count(n)})
	}
	return list
}

// Fit recovers every law exactly.
func TestFitRecoversEveryLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		law := report.Law{
			Fixed: rapid.IntRange(-1000, 1000).Draw(t, "fixed"),
			PerN:  rapid.IntRange(-1000, 1000).Draw(t, "per N"),
			Pairs: rapid.IntRange(-50, 50).Draw(t, "pairs"),
		}
		least := 3
		switch {
		case law.Pairs != 0:
			law.Shape, least = report.Quadratic, 4
		case law.PerN != 0:
			law.Shape = report.Linear
		default:
			law.Shape = report.Constant
		}
		ns := sweeps(least).Draw(t, "sweep")
		if got := report.Fit(at(ns, law.At)); got != law {
			t.Fatalf("Fit = %+v, want %+v", got, law)
		}
	})
}

// One count that is off a line makes it irregular.
func TestFitCallsNoiseIrregular(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		perN := rapid.IntRange(-20, 20).Filter(func(n int) bool { return n != 0 }) // else the rest may be level
		law := report.Law{Shape: report.Linear, Fixed: rapid.IntRange(0, 100).Draw(t, "fixed"), PerN: perN.Draw(t, "per N")}
		points := at(sweeps(4).Draw(t, "sweep"), law.At)
		i := rapid.IntRange(0, len(points)-1).Draw(t, "which")
		points[i].Count += rapid.SampledFrom([]int{-7, -1, 1, 7}).Draw(t, "by")
		if got := report.Fit(points); got.Shape != report.Irregular {
			t.Fatalf("Fit = %v, want irregular: %v", got, points)
		}
	})
}

// Fit recovers every plateau, from the smallest N on it.
func TestFitRecoversEveryPlateau(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ns := sweeps(6).Draw(t, "sweep")
		first := rapid.IntRange(1, len(ns)-3).Draw(t, "first of the level")
		want := report.Law{Shape: report.Plateau, Fixed: rapid.IntRange(0, 5).Draw(t, "level"), From: ns[first]}
		other := rapid.IntRange(0, 5).Filter(func(n int) bool { return n != want.Fixed })
		points := at(ns, func(n int) int {
			switch {
			case n >= want.From:
				return want.Fixed
			case n == ns[first-1]:
				return other.Draw(t, "before")
			default:
				return rapid.IntRange(0, 5).Draw(t, "smaller N")
			}
		})
		if ns[len(ns)-1] < 2*want.From {
			want = report.Law{Shape: report.Irregular}
		}
		if got := report.Fit(points); got != want {
			t.Fatalf("Fit(%v) = %+v, want %+v", points, got, want)
		}
	})
}

// Counts that continue to grow are never a plateau.
func TestFitDoesNotCallGrowthAPlateau(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ns := sweeps(4).Filter(func(ns []int) bool { return ns[0] > 0 }).Draw(t, "sweep")
		size := rapid.IntRange(1, 60).Draw(t, "size of a page")
		for name, count := range map[string]func(n int) int{
			"log N": func(n int) int { return bits.Len(uint(n)) },
			"pages": func(n int) int { return (n + size - 1) / size },
			"full":  func(n int) int { return n / size },
		} {
			if got := report.Fit(at(ns, count)); got.Shape == report.Plateau {
				t.Fatalf("%s at %v is called %v", name, ns, got)
			}
		}
	})
}

// Counts that grow faster or slower than a line are not linear.
func TestFitDoesNotCallACurveALine(t *testing.T) {
	for name, count := range map[string]func(n int) int{
		"N log N": func(n int) int { return n * bits.Len(uint(n)) },
		"log N":   func(n int) int { return bits.Len(uint(n)) },
		"pages":   func(n int) int { return 1 + n/3 },
		"cubic":   func(n int) int { return n * n * n },
	} {
		for _, ns := range [][]int{{1, 2, 3, 4, 8}, {1, 2, 3, 4, 8, 16}, {0, 1, 2, 3, 4, 8, 16}} {
			if got := report.Fit(at(ns, count)); got.Shape != report.Irregular {
				t.Errorf("%s at %v is called %v", name, ns, got)
			}
		}
	}
}

package capacity

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Change says what a finding means for p at the largest N of both sides: "at 8 orders:
// 620 → 140 requests/s on a pool of 10, 2 ms round trips". It is empty where nothing
// changes, or one side is not known. unit is what one more of N adds, or empty.
func (p Pool) Change(metrics map[tracer.Metric]report.GrowthDiff, unit string) string {
	n, before, after := p.Rates(metrics)
	if before == 0 || before == after {
		return ""
	}
	at := ""
	switch {
	case unit == "":
	case n == 1:
		at = fmt.Sprintf("at 1 %s: ", unit)
	case strings.HasSuffix(unit, "N"), strings.ContainsAny(unit[len(unit)-1:], "hsxyz"): // no plain s makes several
		at = fmt.Sprintf("at N=%d: ", n)
	default:
		at = fmt.Sprintf("at %d %ss: ", n, unit)
	}
	return fmt.Sprintf("%s%s → %s requests/s on %v", at, Rate(before), Rate(after), p)
}

// Rates returns what p has room for before and now, at the largest N that both sides have.
// Both are 0 where either is not known.
func (p Pool) Rates(metrics map[tracer.Metric]report.GrowthDiff) (n int, before, after float64) {
	points := metrics[tracer.SQL].Head.Points
	for i := len(points) - 1; i >= 0; i-- {
		n = points[i].N
		if _, inBase := countsAt(metrics, n, baseOf); inBase {
			before, after = p.RatesAt(metrics, n)
			break
		}
	}
	if before == 0 || after == 0 {
		return n, 0, 0
	}
	return n, before, after
}

// RatesAt returns what p has room for before and now at n: 0 where that is not known.
func (p Pool) RatesAt(metrics map[tracer.Metric]report.GrowthDiff, n int) (before, after float64) {
	rate := func(side func(report.GrowthDiff) report.Growth) float64 {
		c, _ := countsAt(metrics, n, side)
		if c.ConnTrips == 0 || Unknown(c) != "" {
			return 0
		}
		return p.PerSecond(c.ConnTrips)
	}
	return rate(baseOf), rate(headOf)
}

func baseOf(d report.GrowthDiff) report.Growth { return d.Base }
func headOf(d report.GrowthDiff) report.Growth { return d.Head }

// countsAt returns of one side what tells how long a request holds connections.
func countsAt(metrics map[tracer.Metric]report.GrowthDiff, n int, side func(report.GrowthDiff) report.Growth) (c tracer.Counts, ok bool) {
	for m, into := range map[tracer.Metric]*int{
		tracer.RoundTrips: &c.RoundTrips, tracer.Acquires: &c.Acquires, tracer.ConnTrips: &c.ConnTrips,
	} {
		for _, point := range side(metrics[m]).Points {
			if point.N == n {
				*into, ok = point.Count, true
			}
		}
	}
	return c, ok
}

package testbaseline

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/report"
)

// Compare compares two tries of a scenario, which is all that either file has, by how much
// they say: a test that failed may be run again, and the good try counts. It is negative
// where a says less.
func Compare(a, b report.File) int { return rank(a) - rank(b) }

// rank is 0 for what could not be measured, 1 for what did not end as it is to or is beyond a
// limit of the test, and 2 for a good try.
func rank(f report.File) int {
	unmeasured := func(s report.Scenario) bool { return s.Unmeasured != "" }
	switch {
	case slices.ContainsFunc(f.Scenarios, unmeasured):
		return 0
	case len(report.Judge(OfLimits(f), f, report.CostMetrics()).Failing()) > 0:
		return 1
	}
	return 2
}

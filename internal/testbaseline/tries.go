package testbaseline

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/report"
)

// Compare compares two tries of the single scenario in a and b: a failed test may run again, and
// the successful try counts. It is negative if a is the less useful one.
func Compare(a, b report.File) int { return rank(a) - rank(b) }

// rank returns 0 for a scenario that could not be measured, 1 for an undeclared outcome or an
// exceeded limit of the test, and 2 for a success.
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

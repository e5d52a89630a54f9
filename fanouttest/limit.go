package fanouttest

import (
	"fmt"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Limits limits counts by metric: tracer.SQL, tracer.RBAC and the other [report.CostMetrics].
// Metrics that are not in the map have no limit.
type Limits map[tracer.Metric]Limit

// A Limit is the most that a count may be: Constant, Linear or AtMost. The zero Limit and
// negative numbers are errors of Check.
type Limit struct {
	perN, max *int
}

// Constant allows a count that does not grow with N. It needs at least three values of N, as
// Linear does. A count may also differ for small N and then stay level: 1, 2, 2, 2, 2 for N = 1,
// 2, 3, 4, 8. The level needs three values of N, the last at least twice the first. Use AtMost to
// limit its height.
func Constant() Limit { return Linear(0) }

// Linear allows a count to grow by perN for each N, from any start. It also allows what Constant
// allows.
func Linear(perN int) Limit { return Limit{perN: &perN} }

// AtMost allows a count of at most n at each measured N.
func AtMost(n int) Limit { return Limit{max: &n} }

// AtMost returns l with the additional limit of n at each measured N.
func (l Limit) AtMost(n int) Limit { return Limit{perN: l.perN, max: &n} }

// check returns an error if l is invalid for a sweep of so many points.
func (l Limits) check(points int) error {
	for m, limit := range l {
		switch {
		case limit == Limit{}:
			return fmt.Errorf("field Expect has a limit of %q without a bound; remove it, or use Constant, Linear or AtMost", m)
		case limit.perN != nil && points < 3:
			return fmt.Errorf("field Expect limits the growth of %q, which needs three values of N; Sweep has %d", m, points)
		case !slices.Contains(report.CostMetrics(), m):
			return fmt.Errorf("field Expect limits %q; valid: %v", m, report.CostMetrics())
		case limit.perN != nil && *limit.perN < 0, limit.max != nil && *limit.max < 0:
			return fmt.Errorf("field Expect has a negative limit of %q", m)
		}
	}
	return nil
}

// metrics returns the limited metrics, in the order of reports.
func (l Limits) metrics() []tracer.Metric {
	return slices.DeleteFunc(report.CostMetrics(), func(m tracer.Metric) bool {
		_, limited := l[m]
		return !limited
	})
}

// budgets returns l as the budgets of a scenario, in the order of reports. The reason of a budget
// that measured exceeds says why.
func (l Limits) budgets(s report.Scenario, measured report.File) []report.Budget {
	var (
		budgets []report.Budget
		growth  map[tracer.Metric]report.Growth
	)
	for _, series := range report.Summarize(measured) {
		growth = series.Metrics
	}
	for _, m := range l.metrics() {
		more := ""
		if l[m].perN != nil && growth[m].Law.Shape == report.Irregular {
			more = "; or a level end, which needs three N, the last at least twice the first"
		}
		budgets = append(budgets, testbaseline.Limit(s, m, l[m].max, l[m].perN, more))
	}
	return budgets
}

package fanouttest

import (
	"fmt"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Limits says what counts may come to, by metric: tracer.SQL, tracer.RBAC and the
// other [report.CostMetrics]. A metric that is not in it is not judged.
type Limits map[tracer.Metric]Limit

// A Limit is the most that a count may come to: Constant, Linear or AtMost. The zero Limit
// would allow anything, and Check fails for it, as it does for negative numbers.
type Limit struct {
	perN, max *int
}

// Constant allows a count to be anything, as long as it does not grow with N. That takes
// three values of N to tell, as with Linear. A count that is otherwise for small N and then
// stays level does not grow either: 1, 2, 2, 2, 2 for N = 1, 2, 3, 4, 8. The level takes three
// values of N, the last of which is at least twice the first; AtMost limits how high it is.
func Constant() Limit { return Linear(0) }

// Linear allows a count to grow by perN with each N, whatever it begins with, and what
// Constant allows.
func Linear(perN int) Limit { return Limit{perN: &perN} }

// AtMost allows a count of up to n at any N measured.
func AtMost(n int) Limit { return Limit{max: &n} }

// AtMost returns l with the count also limited to n at any N measured.
func (l Limit) AtMost(n int) Limit { return Limit{perN: l.perN, max: &n} }

// check returns what is wrong with limits of counts at so many N.
func (l Limits) check(points int) error {
	for m, limit := range l {
		switch {
		case limit == Limit{}:
			return fmt.Errorf("field Expect has a limit of %q that allows anything; leave it out", m)
		case limit.perN != nil && points < 3:
			return fmt.Errorf("field Expect limits how %q grows, which needs three values of N; Sweep has %d", m, points)
		case !slices.Contains(report.CostMetrics(), m):
			return fmt.Errorf("field Expect limits %q; valid: %v", m, report.CostMetrics())
		case limit.perN != nil && *limit.perN < 0, limit.max != nil && *limit.max < 0:
			return fmt.Errorf("field Expect has a negative limit of %q", m)
		}
	}
	return nil
}

// metrics returns what is limited, in the order of reports.
func (l Limits) metrics() []tracer.Metric {
	return slices.DeleteFunc(report.CostMetrics(), func(m tracer.Metric) bool {
		_, limited := l[m]
		return !limited
	})
}

// budgets returns the limits as those of a scenario, in the order of reports. Of what was
// measured a reason tells why it is beyond one.
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
			more = "; or level in the end, which takes three N, the last at least twice the first"
		}
		budgets = append(budgets, testbaseline.Limit(s, m, l[m].max, l[m].perN, more))
	}
	return budgets
}

package fanouttest

import (
	"fmt"
	"slices"

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

// judge sets measured rows of one scenario against the limits, as against a baseline
// that just keeps to them.
func (l Limits) judge(measured report.File) report.Judgment {
	baseline := report.File{Subject: measured.Subject}
	least := measured.Rows[0]
	growth := report.Summarize(measured)[0].Metrics
	for _, row := range measured.Rows {
		kept := row
		kept.Statements, kept.Checks = least.Statements, least.Checks
		for m, limit := range l {
			if limit.perN != nil && growth[m].Law.Shape != report.Plateau {
				set(&kept.Counts, m, m.Of(least.Counts)+*limit.perN*(row.N-least.N))
			}
		}
		baseline.Rows = append(baseline.Rows, kept)
	}
	for _, m := range l.metrics() {
		reason := "stated in the test"
		if l[m].perN != nil && growth[m].Law.Shape == report.Irregular {
			reason += "; or level in the end, which takes three N, the last at least twice the first"
		}
		baseline.Budgets = append(baseline.Budgets, report.Budget{
			Scenario: least.Scenario, Metric: m, Max: l[m].max, PerN: l[m].perN, Reason: reason,
		})
	}
	return report.Judge(baseline, measured, l.metrics())
}

func set(c *tracer.Counts, m tracer.Metric, n int) {
	switch m {
	case tracer.SQL:
		c.SQL = n
	case tracer.RBAC:
		c.RBAC = n
	case tracer.RoundTrips:
		c.RoundTrips = n
	case tracer.TxControl:
		c.Tx = n
	case tracer.Acquires:
		c.Acquires = n
	case tracer.MaxHeld:
		c.MaxHeld = n
	}
}

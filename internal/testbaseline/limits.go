package testbaseline

import (
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// OfLimits returns a baseline for the limits of tests, which are the budgets in measured: the
// measured counts as far as they are within the limits. It omits scenarios without limits.
func OfLimits(measured report.File) report.File {
	baseline := report.File{Subject: measured.Subject, Budgets: measured.Budgets}
	least := map[calltree.Series]report.Row{}
	for _, row := range measured.Rows {
		of := calltree.Series{Scenario: row.Scenario, Version: row.Version}
		if first, ok := least[of]; !ok || row.N < first.N {
			least[of] = row
		}
	}
	growth := map[calltree.Series]map[tracer.Metric]report.Growth{}
	for _, s := range report.Summarize(measured) {
		growth[calltree.Series{Scenario: s.Scenario, Version: s.Version}] = s.Metrics
	}
	_, budgets := index.Groups(measured.Budgets, func(b report.Budget) calltree.Series {
		return calltree.Series{Scenario: b.Scenario, Version: b.Version}
	})
	for _, row := range measured.Rows {
		of := calltree.Series{Scenario: row.Scenario, Version: row.Version}
		moved, first, kept := false, least[of], row
		for _, b := range budgets[of] {
			if b.PerN != nil && report.Fit(growth[of][b.Metric].Points).Shape != report.Plateau {
				moved = true
				set(&kept.Counts, b.Metric, b.Metric.Of(first.Counts)+*b.PerN*(row.N-first.N))
			}
		}
		if moved {
			kept.Statements, kept.Checks = first.Statements, first.Checks
		}
		if len(budgets[of]) > 0 {
			baseline.Rows = append(baseline.Rows, kept)
		}
	}
	return baseline
}

// stated begins the reason of a limit in a test.
const stated = "stated in the test"

// Limit returns the limit of a test as a budget. more is added to the reason.
func Limit(s report.Scenario, m tracer.Metric, most, perN *int, more string) report.Budget {
	return report.Budget{Scenario: s.Name, Version: s.Version, Metric: m, Max: most, PerN: perN, Reason: stated + more}
}

// Stated reports whether b is the limit of a test.
func Stated(b report.Budget) bool { return strings.HasPrefix(b.Reason, stated) }

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

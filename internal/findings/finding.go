package findings

import (
	"reflect"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Finding is a series that differs from the baseline, with its causes.
type Finding struct {
	report.Finding
	// Also names other scenarios of the version with the same finding.
	Also []string
	// Changes are the changed statements and checks, most changed first.
	Changes []Change
	// Folder is the folder of the module, relative to the repository.
	Folder string
	// PlacesKnown says that the baseline has call sites, so new ones can be recognized.
	PlacesKnown bool

	rises []rise
}

// sameAs reports whether both have the same changes for the same reason, so that one explanation
// is enough.
func (f Finding) sameAs(o Finding) bool {
	return f.Version == o.Version && f.Verdict == o.Verdict && f.Unit == o.Unit && f.Scenario != o.Scenario &&
		f.BaseOutcome == o.BaseOutcome && f.HeadOutcome == o.HeadOutcome && f.Failure == o.Failure &&
		len(f.Budgets)+len(o.Budgets) == 0 && slices.Equal(f.N, o.N) && slices.Equal(f.Worse, o.Worse) && slices.Equal(f.Allowed, o.Allowed) &&
		!slices.ContainsFunc(f.shown(), func(m tracer.Metric) bool { return !reflect.DeepEqual(f.Metrics[m], o.Metrics[m]) }) &&
		reflect.DeepEqual(f.Changes, o.Changes) && reflect.DeepEqual(f.rises, o.rises) && f.Folder == o.Folder && f.Capacity() == o.Capacity()
}

// shown returns the metrics that a report shows for f.
func (f Finding) shown() []tracer.Metric {
	if !f.Fails() {
		return tracer.Metrics()
	}
	return append([]tracer.Metric{tracer.SQL, tracer.RBAC}, f.Worse...)
}

// Main returns the costs that make the finding worse, without those that only follow the number
// of statements: each statement has its round trip and, on a pool, its acquire.
func (f Finding) Main() []tracer.Metric {
	sql := f.Metrics[tracer.SQL]
	return slices.DeleteFunc(slices.Clone(f.Worse), func(m tracer.Metric) bool {
		return (m == tracer.RoundTrips || m == tracer.Acquires) && slices.Contains(f.Worse, tracer.SQL) &&
			slices.Equal(differences(f.Metrics[m]), differences(sql))
	})
}

// Scenarios returns the scenario of f and those in Also.
func (f Finding) Scenarios() []string { return append([]string{f.Scenario}, f.Also...) }

// cells returns the cells of all scenarios of f.
func (f Finding) cells() []scenarios.Cell {
	var cells []scenarios.Cell
	for _, scenario := range f.Scenarios() {
		for _, n := range f.N {
			cells = append(cells, scenarios.Cell{Scenario: scenario, N: n, Version: f.Version})
		}
	}
	return cells
}

// OverBudget reports whether f fails because of its own budget.
func (f Finding) OverBudget() bool {
	return slices.ContainsFunc(f.Worse, func(m tracer.Metric) bool { return f.Budgets[m].Exceeded(f.Metrics[m].Head) })
}

// Cell returns the cell that shows the finding best: one with N greater than 1 if possible,
// because fan-out needs that.
func (f Finding) Cell() scenarios.Cell {
	n := f.N[len(f.N)-1]
	if i := slices.IndexFunc(f.N, func(n int) bool { return n > 1 }); i >= 0 {
		n = f.N[i]
	}
	return scenarios.Cell{Scenario: f.Scenario, N: n, Version: f.Version}
}

// Placed reports whether the places that cost more are known.
func (f Finding) Placed() bool { return len(f.rises) > 0 }

// Capacity describes the effect of f in requests per second, on the pool that reports assume: "at 8
// orders: 620 → 140 requests/s on a pool of 10, 2 ms round trips". It is empty if that is unknown,
// or does not get worse.
func (f Finding) Capacity() string {
	if _, before, after := capacity.Default().Rates(f.Metrics); f.Verdict != report.Worse || after >= before {
		return ""
	}
	return capacity.Default().Change(f.Metrics, f.Unit)
}

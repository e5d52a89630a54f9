package findings

import (
	"reflect"
	"slices"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Finding is a series that differs from the baseline, with what is behind it.
type Finding struct {
	report.Finding
	// Also names further scenarios of the version of which the same is true.
	Also []string
	// Changes are the statements and checks that changed, most changed first.
	Changes []Change
	// Folder is that of the module, as seen from the root of the repository.
	Folder string
	// PlacesKnown says that the baseline has call sites, so that what is new can be told.
	PlacesKnown bool

	rises []rise
}

// sameAs reports whether the same changed in both for the same reason, so that
// one explanation does for the two.
func (f Finding) sameAs(o Finding) bool {
	return f.Version == o.Version && f.Verdict == o.Verdict && f.Unit == o.Unit && f.Scenario != o.Scenario &&
		f.BaseOutcome == o.BaseOutcome && f.HeadOutcome == o.HeadOutcome && f.Failure == o.Failure &&
		len(f.Budgets)+len(o.Budgets) == 0 && slices.Equal(f.N, o.N) && slices.Equal(f.Worse, o.Worse) && slices.Equal(f.Allowed, o.Allowed) &&
		!slices.ContainsFunc(f.shown(), func(m tracer.Metric) bool { return !reflect.DeepEqual(f.Metrics[m], o.Metrics[m]) }) &&
		reflect.DeepEqual(f.Changes, o.Changes) && reflect.DeepEqual(f.rises, o.rises) && f.Folder == o.Folder
}

// shown are the metrics that a report shows of f.
func (f Finding) shown() []tracer.Metric {
	if !f.Fails() {
		return tracer.Metrics()
	}
	return append([]tracer.Metric{tracer.SQL, tracer.RBAC}, f.Worse...)
}

// Main returns the costs that make the finding worse, without those that only
// follow the number of statements: each statement has its round trip and, on a
// pool, its acquire.
func (f Finding) Main() []tracer.Metric {
	sql := f.Metrics[tracer.SQL]
	return slices.DeleteFunc(slices.Clone(f.Worse), func(m tracer.Metric) bool {
		return (m == tracer.RoundTrips || m == tracer.Acquires) && slices.Contains(f.Worse, tracer.SQL) &&
			slices.Equal(differences(f.Metrics[m]), differences(sql))
	})
}

// Scenarios returns the scenario that f is about, and those of which the same is true.
func (f Finding) Scenarios() []string { return append([]string{f.Scenario}, f.Also...) }

// OverBudget reports whether a budget of its own is why it fails.
func (f Finding) OverBudget() bool {
	return slices.ContainsFunc(f.Worse, func(m tracer.Metric) bool { return f.Budgets[m].Exceeded(f.Metrics[m].Head) })
}

// Cell returns the measured cell that shows best what the finding is about: one
// with more than one of N, if there is any, as a fan-out needs two to show.
func (f Finding) Cell() scenarios.Cell {
	n := f.N[len(f.N)-1]
	if i := slices.IndexFunc(f.N, func(n int) bool { return n > 1 }); i >= 0 {
		n = f.N[i]
	}
	return scenarios.Cell{Scenario: f.Scenario, N: n, Version: f.Version}
}

// Placed reports whether it is known which places cost more.
func (f Finding) Placed() bool { return len(f.rises) > 0 }

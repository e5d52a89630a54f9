// Package changes lists the differences between the counts of two measurements.
package changes

import (
	"cmp"
	"slices"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Change is one count that differs.
type Change struct {
	Name string `json:"name"` // a statement, a check label or a metric
	From int    `json:"from"`
	To   int    `json:"to"`
}

// Between returns the differences from a to b: by statement, by check, and by metric except
// Prepares and ConnTrips, which follows from others. Each group has a fixed order. Counts that a
// or b does not know are left out.
func Between(a, b tracer.Counts) (statements, checks, metrics []Change) {
	for _, m := range tracer.Metrics() {
		if from, to := m.Of(a), m.Of(b); from != to && m != tracer.Prepares && m != tracer.ConnTrips && a.Has(m) && b.Has(m) {
			metrics = append(metrics, Change{Name: string(m), From: from, To: to})
		}
	}
	if a.Has(tracer.SQL) && b.Has(tracer.SQL) {
		statements = byName(a.Statements, b.Statements)
	}
	if a.Has(tracer.RBAC) && b.Has(tracer.RBAC) {
		checks = byName(a.Checks, b.Checks)
	}
	return statements, checks, metrics
}

func byName(a, b map[string]int) []Change {
	var changes []Change
	for name, from := range a {
		if to := b[name]; to != from {
			changes = append(changes, Change{Name: name, From: from, To: to})
		}
	}
	for name, to := range b {
		if _, ok := a[name]; !ok {
			changes = append(changes, Change{Name: name, To: to})
		}
	}
	slices.SortFunc(changes, func(x, y Change) int { return cmp.Compare(x.Name, y.Name) })
	return changes
}

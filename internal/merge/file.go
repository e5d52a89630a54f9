// Package merge merges files: results of several packages, or a baseline and accepted results.
package merge

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
)

// Results adds the results in o to f. If the modules differ, the name of f becomes their common
// path.
func Results(f *report.File, o report.File) {
	f.Rows, f.Trees, f.Budgets = slices.Concat(f.Rows, o.Rows), slices.Concat(f.Trees, o.Trees), slices.Concat(f.Budgets, o.Budgets)
	f.Incomplete = f.Incomplete || o.Incomplete
	f.FirstRuns = slices.Concat(f.FirstRuns, o.FirstRuns)
	f.Subject = subjects(f.Subject, o.Subject, o.Rows)
	f.Name, f.Reference = common(cmp.Or(f.Name, o.Name), o.Name), cmp.Or(f.Reference, o.Reference)
	if f.Reference != "" {
		return // the versions of a path are ordered
	}
	slices.Sort(f.Versions)
	slices.SortFunc(f.Scenarios, func(a, b report.Scenario) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
}

// common returns the common part of two paths, or both if there is none.
func common(a, b string) string {
	if a == b || a == "" || b == "" {
		return cmp.Or(a, b)
	}
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < min(len(as), len(bs)) && as[n] == bs[n] {
		n++
	}
	if n == 0 {
		return a + ", " + b
	}
	return strings.Join(as[:n], "/")
}

// Shortened returns f with package names relative to module: "orders" is example.com/shop/orders
// in example.com/shop, and "shop" is the module's root package.
func Shortened(f report.File, module string) report.File {
	base := path.Base(module)
	short := func(version *string) {
		switch within, ok := strings.CutPrefix(*version, module+"/"); {
		case *version == module:
			*version = base
		case ok && (within == base || strings.HasPrefix(within, base+"/")): // ambiguous
			*version = base + "/" + within
		case ok:
			*version = within
		}
	}
	f.Versions = changed(f.Versions, short)
	f.Scenarios = changed(f.Scenarios, func(s *report.Scenario) { short(&s.Version) })
	f.Rows = changed(f.Rows, func(r *report.Row) { short(&r.Version) })
	f.Budgets = changed(f.Budgets, func(b *report.Budget) { short(&b.Version) })
	f.FirstRuns = changed(f.FirstRuns, func(r *report.FirstRun) { short(&r.Version) })
	f.Trees = slices.Clone(f.Trees)
	for i := range f.Trees {
		short(&f.Trees[i].Cell.Version)
	}
	return f
}

func changed[T any](list []T, change func(*T)) []T {
	list = slices.Clone(list)
	for i := range list {
		change(&list[i])
	}
	return list
}

// subjects returns what s lists, and what older lists of scenarios that have rows or could not be
// measured.
func subjects(s, older report.Subject, rows []report.Row) report.Subject {
	s.Versions, s.Scenarios = slices.Clone(s.Versions), slices.Clone(s.Scenarios)
	for _, version := range older.Versions {
		if !slices.Contains(s.Versions, version) && (slices.ContainsFunc(rows, func(r report.Row) bool { return r.Version == version }) ||
			slices.ContainsFunc(older.Scenarios, func(o report.Scenario) bool { return o.Version == version && o.Unmeasured != "" })) {
			s.Versions = append(s.Versions, version)
		}
	}
	for _, scenario := range older.Scenarios {
		listed := slices.ContainsFunc(s.Scenarios, func(o report.Scenario) bool { return o.Name == scenario.Name && o.Version == scenario.Version })
		if !listed && (scenario.Unmeasured != "" || slices.ContainsFunc(rows, func(r report.Row) bool {
			return r.Scenario == scenario.Name && (scenario.Version == "" || r.Version == scenario.Version)
		})) {
			s.Scenarios = append(s.Scenarios, scenario)
		}
	}
	return s
}

// Package merge merges files: results of several packages, or a baseline and accepted results.
package merge

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/report"
)

// Results returns f with the results in others. If the modules differ, the name becomes their
// common path.
func Results(f report.File, others ...report.File) report.File {
	f.Rows, f.Trees, f.Budgets, f.FirstRuns = slices.Clip(f.Rows), slices.Clip(f.Trees), slices.Clip(f.Budgets), slices.Clip(f.FirstRuns)
	var listed report.Subject
	for _, o := range others {
		f.Rows, f.Trees, f.Budgets = append(f.Rows, o.Rows...), append(f.Trees, o.Trees...), append(f.Budgets, o.Budgets...)
		f.FirstRuns = append(f.FirstRuns, o.FirstRuns...)
		f.Incomplete = f.Incomplete || o.Incomplete
		f.Name, f.Reference = common(cmp.Or(f.Name, o.Name), o.Name), cmp.Or(f.Reference, o.Reference)
		listed.Versions, listed.Scenarios = append(listed.Versions, o.Versions...), append(listed.Scenarios, o.Scenarios...)
	}
	f.Subject = subjects(f.Subject, listed, f.Rows)
	if f.Reference != "" {
		return f // the versions of a path are ordered
	}
	slices.Sort(f.Versions)
	slices.SortFunc(f.Scenarios, func(a, b report.Scenario) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return f
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
	return renamed(f, func(_, version *string) { short(version) })
}

// Of returns f, the file of one scenario, as that of s: its package or name may have changed.
func Of(f report.File, s report.Scenario) report.File {
	f.Versions, f.Scenarios = []string{s.Version}, []report.Scenario{s}
	return renamed(f, func(scenario, version *string) { *scenario, *version = s.Name, s.Version })
}

// renamed returns f with change applied to all that is of a scenario and a version, except for the
// lists of both.
func renamed(f report.File, change func(scenario, version *string)) report.File {
	f.Rows = changed(f.Rows, func(r *report.Row) { change(&r.Scenario, &r.Version) })
	f.Budgets = changed(f.Budgets, func(b *report.Budget) { change(&b.Scenario, &b.Version) })
	f.FirstRuns = changed(f.FirstRuns, func(r *report.FirstRun) { change(&r.Scenario, &r.Version) })
	f.Trees = changed(f.Trees, func(t *calltree.Tree) { change(&t.Cell.Scenario, &t.Cell.Version) })
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
	of := func(o report.Scenario) calltree.Series { return calltree.Series{Scenario: o.Name, Version: o.Version} }
	versions, scenarios, used := index.Keys(s.Versions, func(name string) string { return name }), index.Keys(s.Scenarios, of), map[calltree.Series]bool{}
	for _, r := range rows {
		used[calltree.Series{Scenario: r.Scenario, Version: r.Version}], used[calltree.Series{Scenario: r.Scenario, Version: ""}], used[calltree.Series{Scenario: "", Version: r.Version}] = true, true, true
	}
	for _, o := range older.Scenarios {
		if o.Unmeasured != "" {
			used[of(o)], used[calltree.Series{Scenario: "", Version: o.Version}] = true, true
		}
	}
	for _, version := range older.Versions {
		if !versions[version] && used[calltree.Series{Scenario: "", Version: version}] {
			versions[version] = true
			s.Versions = append(s.Versions, version)
		}
	}
	for _, o := range older.Scenarios {
		if !scenarios[of(o)] && used[of(o)] {
			scenarios[of(o)] = true
			s.Scenarios = append(s.Scenarios, o)
		}
	}
	return s
}

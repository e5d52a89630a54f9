package view

import (
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// An Accepted is why somebody accepted a higher cost, and what it is the cost of. Its texts may
// contain unprintable names.
type Accepted struct {
	Reason string
	Series []string // scenarios, with their version if there are several
}

// Accepted returns the reasons that the baseline has for what was measured, and those of budgets
// that allow something. Limits of tests have none. Each reason is listed once.
func (d Document) Accepted() []Accepted {
	var list []Accepted
	add := func(reason string, s report.SeriesDiff) {
		name := strings.Join(d.Overview.Names(s.Version, s.Scenario), " ")
		i := slices.IndexFunc(list, func(a Accepted) bool { return a.Reason == reason })
		if i < 0 {
			i = len(list)
			list = append(list, Accepted{Reason: reason})
		}
		if !slices.Contains(list[i].Series, name) {
			list[i].Series = append(list[i].Series, name)
		}
	}
	rows := d.Baseline.Cells()
	for _, s := range d.Series {
		if s.Verdict == report.Missing {
			continue
		}
		for _, n := range s.N {
			if reason := rows[scenarios.Cell{Scenario: s.Scenario, N: n, Version: s.Version}].Reason; reason != "" {
				add(reason, s)
			}
		}
		for _, m := range s.Allowed {
			if b := s.Budgets[m]; !testbaseline.Stated(b) {
				add(b.Reason, s)
			}
		}
	}
	return list
}

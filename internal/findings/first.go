package findings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A FirstRunNote says that the first runs of a scenario cost something else than the measured
// ones. It may contain unprintable names.
type FirstRunNote struct{ Version, Scenario, Text string }

// FirstRunNotes returns the notes on the first runs in f.
func FirstRunNotes(f report.File) []FirstRunNote {
	var notes []FirstRunNote
	_, runs := index.Groups(f.FirstRuns, func(r report.FirstRun) calltree.Series {
		return calltree.Series{Scenario: r.Scenario, Version: r.Version}
	})
	for _, s := range report.Summarize(f) {
		if text := firstRuns(s, runs[calltree.Series{Scenario: s.Scenario, Version: s.Version}]); text != "" {
			notes = append(notes, FirstRunNote{s.Version, s.Scenario, text})
		}
	}
	return notes
}

// firstRuns returns text such as "the first run costs SQL 1 + N, later ones SQL 1: …", with what is
// known about the reason, or "" if they cost the same.
func firstRuns(s report.Series, runs []report.FirstRun) string {
	runs = slices.DeleteFunc(slices.Clone(runs), func(r report.FirstRun) bool {
		return !slices.ContainsFunc(s.Metrics[tracer.SQL].Points, func(p report.Point) bool { return p.N == r.N })
	})
	if len(runs) == 0 {
		return ""
	}
	where, alone := "", len(runs) == 1 && len(s.Metrics[tracer.SQL].Points) > 1
	if alone {
		where = fmt.Sprintf("at N=%d ", runs[0].N)
	}
	var (
		costs, later []string
		more, less   bool // the first run than later ones
	)
	for _, m := range []tracer.Metric{tracer.SQL, tracer.RBAC} {
		var first, now []report.Point
		for _, p := range s.Metrics[m].Points {
			count := p.Count
			i := slices.IndexFunc(runs, func(r report.FirstRun) bool { return r.N == p.N })
			switch {
			case i < 0 && alone:
				continue
			case i < 0:
			case m == tracer.SQL:
				count = runs[i].SQL
			default:
				count = runs[i].RBAC
			}
			first, now = append(first, report.Point{N: p.N, Count: count}), append(now, p)
			more, less = more || count > p.Count, less || count < p.Count
		}
		if slices.Equal(first, now) {
			continue
		}
		costs = append(costs, Title(m)+" "+exactly(first))
		later = append(later, Title(m)+" "+exactly(now))
	}
	if len(costs) == 0 {
		return ""
	}
	// Why is not known: a cache, a row that exists from then on, a queue that is empty.
	why := "it leaves something behind that saves them work, such as a cache or changed data"
	switch {
	case more && less:
		why = "it leaves something behind that changes their work"
	case less:
		why = "it leaves something behind that costs them work"
	}
	return fmt.Sprintf("%sthe first run costs %s, later ones %s: %s", where, strings.Join(costs, " and "), strings.Join(later, " and "), why)
}

func exactly(points []report.Point) string {
	return Exact(report.Growth{Points: points, Law: report.Fit(points)})
}

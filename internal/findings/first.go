package findings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A FirstRunNote says that the first runs of a scenario cost something else than the measured
// ones. It may contain unprintable names.
type FirstRunNote struct{ Version, Scenario, Text string }

// FirstRunNotes returns the notes on the first runs in f.
func FirstRunNotes(f report.File) []FirstRunNote {
	var notes []FirstRunNote
	runs := map[calltree.Series][]report.FirstRun{}
	for _, r := range f.FirstRuns {
		of := calltree.Series{Scenario: r.Scenario, Version: r.Version}
		runs[of] = append(runs[of], r)
	}
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
	where, alone := "", func(report.Point) bool { return false }
	if n := runs[0].N; len(runs) == 1 && len(s.Metrics[tracer.SQL].Points) > 1 {
		where, alone = fmt.Sprintf("at N=%d ", n), func(p report.Point) bool { return p.N != n }
	}
	var (
		costs, later []string
		more, less   bool // the first run than later ones
	)
	for _, m := range []tracer.Metric{tracer.SQL, tracer.RBAC} {
		now := slices.DeleteFunc(slices.Clone(s.Metrics[m].Points), alone)
		first := slices.Clone(now)
		for i := range first {
			for _, run := range runs {
				switch {
				case run.N != first[i].N:
				case m == tracer.SQL:
					first[i].Count = run.SQL
				default:
					first[i].Count = run.RBAC
				}
			}
			more, less = more || first[i].Count > now[i].Count, less || first[i].Count < now[i].Count
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

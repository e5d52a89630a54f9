package findings

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Exact returns the growth with the counts at each N that it does not describe: "13", "2, 4, 8,
// 16", "1, then 2 from N=2 on".
func Exact(g report.Growth) string {
	var counts []string
	for _, p := range g.Points {
		if g.Law.Shape == report.Plateau && p.N >= g.Law.From {
			break
		}
		counts = append(counts, fmt.Sprint(p.Count))
	}
	switch g.Law.Shape {
	case report.Irregular:
		return strings.Join(counts, ", ")
	case report.Plateau:
		return strings.Join(counts, ", ") + ", then " + g.Law.String()
	default:
		return g.String()
	}
}

// unmeasured stands for a count that nobody knows.
const unmeasured = "–"

// Failed returns "2 → –" for a request that failed, so that its count is unknown. base is the
// count of the baseline, if there is one.
func Failed(base string) string {
	if base == "" || base == "0" {
		return unmeasured
	}
	return base + " → " + unmeasured
}

// SeriesCost returns the growth of a metric of d: "13 → 12 + 7·N", or "2 → –" if the request
// failed.
func SeriesCost(d report.SeriesDiff, m tracer.Metric) string {
	g := d.Metrics[m]
	if d.Failure != "" && len(g.Head.Points) == 0 {
		return Failed(g.Base.String())
	}
	return g.String()
}

// Grows describes the growth of the costs of the single scenario in f: "SQL 3 + 2·N, RBAC 0".
func Grows(f report.File) string {
	var parts []string
	for _, m := range []tracer.Metric{tracer.SQL, tracer.RBAC} {
		g := report.Summarize(f)[0].Metrics[m]
		text := Exact(g)
		if g.Law.Shape == report.Irregular {
			text = fmt.Sprintf("%v (%s)", g, text)
		}
		parts = append(parts, Title(m)+" "+text)
	}
	return strings.Join(parts, ", ")
}

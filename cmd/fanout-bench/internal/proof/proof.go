// Package proof shows that a gate can fail.
package proof

import (
	"fmt"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Proof is what a gate noticed of more work in probes. It shows that the gate
// can fail.
type Proof struct {
	Detections []Detection // for each probe that was noticed anywhere, in the order of probe.Probes
	// Failure says why the gate is not to be believed. Empty: it is proven.
	Failure string
}

// A Detection is where the gate noticed a p.
type Detection struct {
	Probe   probe.Probe
	Seen    []SeriesName // not empty
	Allowed []SeriesName // where a budget has room for it
	// Room is where the baseline has: less was measured than it says, and a probe only
	// makes up for that. They are among Seen.
	Room []SeriesName
}

// A SeriesName names what the gate judges as one.
type SeriesName struct{ Version, Scenario string }

// String returns both names: "pr-24973 agents".
func (n SeriesName) String() string { return n.Version + " " + n.Scenario }

// Prove judges by the metrics given (see [report.CostMetrics]) what was measured with
// probes. They have to be noticed in each series whose work they can be added to.
// What they are compared with is what was measured without, under the budgets of the
// baseline: that there is room in a baseline does not make the gate blind, and is told.
func Prove(baseline, measured report.File, probed map[probe.Probe]report.File, metrics []tracer.Metric) Proof {
	names, measuredOf := bySeries(measured)
	_, baselineOf := bySeries(baseline)
	var proof Proof
	for _, p := range probe.All() {
		if !slices.Contains(metrics, p.Metric()) {
			continue
		}
		detection := Detection{Probe: p}
		_, probedOf := bySeries(probed[p])
		for _, name := range names {
			before, accepted := measuredOf[name], baselineOf[name]
			if !slices.ContainsFunc(before.Rows, func(r report.Row) bool { return fits(p, r) }) {
				continue
			}
			before.Budgets, accepted.Budgets = baseline.Budgets, baseline.Budgets
			judgment := findings.Judge(before, probedOf[name], metrics)
			switch {
			case notices(judgment, p):
				detection.Seen = append(detection.Seen, name)
				if len(accepted.Rows) > 0 && len(findings.Judge(accepted, probedOf[name], metrics).Failing()) == 0 {
					detection.Room = append(detection.Room, name)
				}
			case allows(judgment, p):
				detection.Allowed = append(detection.Allowed, name)
			default:
				return Proof{Failure: fmt.Sprintf("this gate cannot see %v in %s", p, term.Printable(name.String(), 0))}
			}
		}
		switch {
		case len(detection.Seen) > 0:
			proof.Detections = append(proof.Detections, detection)
		case len(detection.Allowed) > 0:
			return Proof{Failure: fmt.Sprintf("this gate cannot see %v anywhere: budgets allow it", p)}
		}
	}
	if len(proof.Detections) == 0 {
		return Proof{Failure: "nothing could be added to prove this gate with: no statement was executed, or how many varies, and it does not judge checks"}
	}
	return proof
}

// fits reports whether there is anything in a cell to add p to. Where nothing is
// executed, no connection is known, with N = 0 there is none for each, and what races has no
// run with a probe.
func fits(p probe.Probe, r report.Row) bool {
	return !r.Races && (p.Check || r.SQL > 0) && (!p.PerN || r.N > 0)
}

// notices reports whether j fails for a probe, by its name and by how it grows, as far
// as there are enough N to tell.
func notices(j findings.Judgment, p probe.Probe) bool {
	law := report.Law{Shape: report.Constant, Fixed: 1}
	if p.PerN {
		law = report.Law{Shape: report.Linear, PerN: 1}
	}
	return slices.ContainsFunc(j.Failing(), func(f findings.Finding) bool {
		return slices.ContainsFunc(f.Changes, func(c findings.Change) bool {
			return c.Name == probe.Name && c.Check == p.Check && (c.Head.Law == law || c.Head.Law.Shape == report.Unknown)
		})
	})
}

// allows reports whether j does not fail for a probe because of a budget.
func allows(j findings.Judgment, p probe.Probe) bool {
	return slices.ContainsFunc(j.Series, func(d report.SeriesDiff) bool { return slices.Contains(d.Allowed, p.Metric()) })
}

// bySeries takes rows apart, and returns the names in their order.
func bySeries(rows report.File) (names []SeriesName, of map[SeriesName]report.File) {
	of = make(map[SeriesName]report.File)
	for _, row := range rows.Rows {
		name := SeriesName{row.Version, row.Scenario}
		series, known := of[name]
		if !known {
			names = append(names, name)
			series.Subject = rows.Subject
		}
		series.Rows = append(series.Rows, row)
		of[name] = series
	}
	return names, of
}

// Package proof shows that a gate can fail.
package proof

import (
	"fmt"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/internal/probe"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Proof has the probes that a gate noticed.
type Proof struct {
	Detections []Detection // for each probe that was noticed anywhere, in the order of [probe.All]
	Failure    string      // why the gate is blind, if it is
}

// A Detection says where the gate noticed a probe.
type Detection struct {
	Probe   probe.Probe
	Seen    []SeriesName // not empty
	Allowed []SeriesName // where a budget allows it
	Room    []SeriesName // among Seen: where the baseline is higher than the count, and would hide it
}

// A SeriesName names a scenario of a version.
type SeriesName struct{ Version, Scenario string }

// String returns both names: "pr-24973 agents".
func (n SeriesName) String() string { return n.Version + " " + n.Scenario }

// Prove compares runs with probes to measured, under the budgets of the baseline, by the given
// metrics (see [report.CostMetrics]). The gate must notice a probe in every series that it fits.
// A baseline that is too high does not make the gate blind; the Detection reports it.
func Prove(baseline, measured report.File, probed map[probe.Probe]report.File, metrics []tracer.Metric) Proof {
	measured.Budgets = baseline.Budgets
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
			before, accepted := measuredOf(name), baselineOf(name)
			if !slices.ContainsFunc(before.Rows, func(r report.Row) bool { return fits(p, r) }) {
				continue
			}
			judgment := findings.Judge(before, probedOf(name), metrics)
			switch {
			case notices(judgment, p):
				detection.Seen = append(detection.Seen, name)
				if len(accepted.Rows) > 0 && len(findings.Judge(accepted, probedOf(name), metrics).Failing()) == 0 {
					detection.Room = append(detection.Room, name)
				}
			case allows(judgment, p):
				detection.Allowed = append(detection.Allowed, name)
			default:
				return Proof{Failure: fmt.Sprintf("the gate does not notice %v in %s", p, term.Printable(name.String(), 0))}
			}
		}
		switch {
		case len(detection.Seen) > 0:
			proof.Detections = append(proof.Detections, detection)
		case len(detection.Allowed) > 0:
			return Proof{Failure: fmt.Sprintf("the gate does not notice %v anywhere: budgets allow it", p)}
		}
	}
	if len(proof.Detections) == 0 {
		return Proof{Failure: "--prove could add nothing: no scenario executes a constant number of statements, and checks are not judged"}
	}
	return proof
}

// fits reports whether p can be added to a measurement. A statement needs a connection, which a
// run without statements does not have; a probe for each N needs an N; racing scenarios have no
// runs with probes.
func fits(p probe.Probe, r report.Row) bool {
	return !r.Races && (p.Check || r.SQL > 0) && (!p.PerN || r.N > 0)
}

// notices reports whether j fails because of a probe, with its name and growth. With too few N the
// growth is unknown.
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

// allows reports whether a budget keeps j from failing for a probe.
func allows(j findings.Judgment, p probe.Probe) bool {
	return slices.ContainsFunc(j.Series, func(d report.SeriesDiff) bool { return slices.Contains(d.Allowed, p.Metric()) })
}

// bySeries returns the names of the series in their order, and the rows of each.
func bySeries(f report.File) (names []SeriesName, of func(SeriesName) report.File) {
	names, rows := index.Groups(f.Rows, func(r report.Row) SeriesName { return SeriesName{r.Version, r.Scenario} })
	return names, func(name SeriesName) report.File {
		return report.File{Subject: f.Subject, Budgets: f.Budgets, Rows: rows[name]}
	}
}

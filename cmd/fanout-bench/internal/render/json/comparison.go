package json

import (
	"io"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/changes"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Comparison writes the comparison as one object, with one series or cell per line. It omits those
// with equal counts.
func Comparison(w io.Writer, c report.Comparison) error {
	series := slices.DeleteFunc(slices.Clone(c.Series), func(d report.SeriesDiff) bool { return d.Verdict == report.Same && !d.Changed() })
	return writeObject(w, struct {
		Schema    int       `json:"schema"`
		Versions  [2]string `json:"versions"`
		Regressed bool      `json:"regressed"`
	}{jsonfile.Schema, [2]string{c.Base, c.Head}, c.Regressed()}, linesOf("series", series, func(d report.SeriesDiff) any { return seriesLine(d) }), changedCells(c))
}

// changedCells returns the cells with different counts.
func changedCells(c report.Comparison) lines {
	cells := slices.DeleteFunc(slices.Clone(c.Cells), func(d report.CellDiff) bool { return !d.Changed() })
	return linesOf("cells", cells, cellLine)
}

type growthJSON struct {
	Name string `json:"name"`
	Base string `json:"base"`
	Head string `json:"head"`
}

func newGrowth(g report.GrowthDiff) growthJSON {
	return growthJSON{g.Name, g.Base.String(), g.Head.String()}
}

type seriesJSON struct {
	Scenario    string          `json:"scenario"`
	N           []int           `json:"n"`
	Version     string          `json:"version,omitempty"`
	Verdict     report.Verdict  `json:"verdict"`
	BaseOutcome string          `json:"base_outcome,omitempty"`
	HeadOutcome string          `json:"head_outcome,omitempty"`
	Worse       []tracer.Metric `json:"worse,omitempty"`
	Allowed     []tracer.Metric `json:"allowed,omitempty"`
	Metrics     []growthJSON    `json:"metrics"`
	Statements  []growthJSON    `json:"statements"`
	Checks      []growthJSON    `json:"checks"`
}

func seriesLine(d report.SeriesDiff) seriesJSON {
	convert := func(diffs ...report.GrowthDiff) []growthJSON {
		list := []growthJSON{}
		for _, g := range diffs {
			list = append(list, newGrowth(g))
		}
		return list
	}
	var metrics []report.GrowthDiff
	for _, m := range tracer.Metrics() {
		if g := d.Metrics[m]; g.Changed() {
			metrics = append(metrics, g)
		}
	}
	return seriesJSON{
		d.Scenario, d.N, d.Version, d.Verdict, d.BaseOutcome, d.HeadOutcome, d.Worse, d.Allowed,
		convert(metrics...), convert(d.Statements...), convert(d.Checks...),
	}
}

func cellLine(d report.CellDiff) any {
	type metric struct {
		changes.Change
		// Verdict is empty for a metric that is not a cost or is not judged.
		Verdict report.Verdict `json:"verdict,omitempty"`
	}
	// An empty list, not null.
	metrics, statements, checks := []metric{}, []changes.Change{}, []changes.Change{}
	if d.Verdict != report.Added && d.Verdict != report.Missing {
		byStatement, byCheck, byMetric := changes.Between(d.Base.Counts, d.Head.Counts)
		statements, checks = append(statements, byStatement...), append(checks, byCheck...)
		for _, c := range byMetric {
			metrics = append(metrics, metric{c, d.Verdicts[tracer.Metric(c.Name)]})
		}
	}
	return struct {
		Scenario    string           `json:"scenario"`
		N           int              `json:"n"`
		Version     string           `json:"version,omitempty"`
		Verdict     report.Verdict   `json:"verdict"`
		BaseOutcome string           `json:"base_outcome,omitempty"`
		HeadOutcome string           `json:"head_outcome,omitempty"`
		Metrics     []metric         `json:"metrics"`
		Statements  []changes.Change `json:"statements"`
		Checks      []changes.Change `json:"checks"`
	}{d.Scenario, d.N, d.Version, d.Verdict, d.Base.Outcome, d.Head.Outcome, metrics, statements, checks}
}

package json

import (
	"io"

	"github.com/fanout-bench/fanout-bench/internal/changes"
	"github.com/fanout-bench/fanout-bench/internal/jsonfile"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Acceptance writes the changes of a baseline like [Comparison].
func Acceptance(w io.Writer, a merge.Acceptance) error { return Comparison(w, a.Changes) }

// Comparison writes the comparison as one object, with one series or cell per line. It omits those
// with equal counts.
func Comparison(w io.Writer, c report.Comparison) error {
	var series []any
	for _, d := range c.Series {
		if d.Verdict != report.Same || d.Changed() {
			series = append(series, seriesLine(d))
		}
	}
	return writeObject(w, struct {
		Schema    int       `json:"schema"`
		Versions  [2]string `json:"versions"`
		Regressed bool      `json:"regressed"`
	}{jsonfile.Schema, [2]string{c.Base, c.Head}, c.Regressed()}, lines{"series", series}, changedCells(c))
}

// changedCells returns the cells with different counts.
func changedCells(c report.Comparison) lines {
	var cells []any
	for _, d := range c.Cells {
		if d.Changed() {
			cells = append(cells, cellLine(d))
		}
	}
	return lines{"cells", cells}
}

type growthJSON struct {
	Name string `json:"name"`
	Base string `json:"base"`
	Head string `json:"head"`
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
			list = append(list, growthJSON{g.Name, g.Base.String(), g.Head.String()})
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

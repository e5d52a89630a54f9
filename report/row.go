package report

import (
	"cmp"
	"slices"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Row is what one cell cost.
type Row struct {
	Scenario string `json:"scenario"`
	N        int    `json:"n"` // 0 for a scenario without N
	Version  string `json:"version"`
	Outcome  string `json:"outcome"`
	tracer.Counts
}

// Rows are the cells of one path.
type Rows struct {
	Path string
	Rows []Row
}

// Add appends the row of a measured cell.
func (r *Rows) Add(result scenarios.Result) {
	r.Rows = append(r.Rows, Row{
		Scenario: result.Scenario,
		N:        result.N,
		Version:  result.Version,
		Outcome:  result.Outcome,
		Counts:   result.Recording.Counts(),
	})
}

// Version returns the rows of one version.
func (r Rows) Version(name string) Rows {
	return Rows{Path: r.Path, Rows: slices.DeleteFunc(slices.Clone(r.Rows), func(row Row) bool { return row.Version != name })}
}

// find returns the row of a cell.
func (r Rows) find(scenario string, n int, version string) (Row, bool) {
	i := slices.IndexFunc(r.Rows, func(row Row) bool {
		return row.Scenario == scenario && row.N == n && row.Version == version
	})
	if i < 0 {
		return Row{}, false
	}
	return r.Rows[i], true
}

// compareRows is the order of result files.
func compareRows(a, b Row) int {
	return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.N, b.N), cmp.Compare(a.Version, b.Version))
}

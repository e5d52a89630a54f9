package report

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// Rows are the cells of one path, as a result file or a baseline holds them.
type Rows struct {
	Path string
	Rows []Row
	// Units says of scenarios what one more of N adds, where no Path does: "order".
	Units   map[string]string
	Budgets []Budget        // of a baseline
	Trees   []calltree.Tree // of the cells that were measured with stacks, if these are to be kept
}

// NewRows returns the rows of measured cells of path.
func NewRows(path string, results []scenarios.Result) Rows {
	rows := Rows{Path: path}
	for _, result := range results {
		rows.Rows = append(rows.Rows, Row{
			Scenario: result.Scenario,
			N:        result.N,
			Version:  result.Version,
			Outcome:  result.Outcome,
			Counts:   result.Counts(),
		})
	}
	return rows
}

// Version returns the rows of one version.
func (r Rows) Version(name string) Rows {
	return Rows{Path: r.Path, Rows: slices.DeleteFunc(slices.Clone(r.Rows), func(row Row) bool { return row.Version != name })}
}

// Find returns the row of a cell.
func (r Rows) Find(scenario string, n int, version string) (Row, bool) {
	i := slices.IndexFunc(r.Rows, func(row Row) bool {
		return row.Scenario == scenario && row.N == n && row.Version == version
	})
	if i < 0 {
		return Row{}, false
	}
	return r.Rows[i], true
}

// Tree returns the tree of a cell, if it was kept.
func (r Rows) Tree(cell scenarios.Cell) (calltree.Tree, bool) {
	for _, t := range r.Trees {
		if t.Cell == cell {
			return t, true
		}
	}
	return calltree.Tree{}, false
}

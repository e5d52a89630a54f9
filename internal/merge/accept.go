package merge

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// An Acceptance is the change from an old baseline to a new one.
type Acceptance struct {
	Changes  report.Comparison // from the old baseline to the new; without unmeasured rows
	Baseline report.File       // the new one

	need map[scenarios.Cell]bool // see NeedsReason
}

// Accept merges what was measured into baseline. Rows of unmeasured cells stay, except for those
// in gone. The reason is kept in the rows that need one, see [Acceptance.NeedsReason]; a row that
// costs less loses its old reason. Budgets stay. Call trees are kept without lines, which change
// with every edit.
func Accept(baseline, measured report.File, gone []scenarios.Cell, reason string) Acceptance {
	next := report.File{Budgets: baseline.Budgets}
	var before report.File
	now, removals := measured.Cells(), index.Keys(gone, func(c scenarios.Cell) scenarios.Cell { return c })
	for _, old := range baseline.Rows {
		_, again := now[old.Cell]
		removed := removals[old.Cell]
		if again || removed {
			before.Rows = append(before.Rows, old)
		}
		if !again && !removed {
			next.Rows = append(next.Rows, old)
		}
	}
	a := Acceptance{Changes: report.Compare("before", before, "accepted", measured), need: map[scenarios.Cell]bool{}}
	for _, d := range a.Changes.Series {
		for _, n := range d.N {
			// Steeper growth needs a reason too, even if no measured cell costs more.
			steeper := func(m tracer.Metric) bool { return d.Metrics[m].Steeper() }
			if d.Verdict == report.NotCompared || d.Verdict == report.Worse && slices.ContainsFunc(d.Worse, steeper) {
				a.need[scenarios.Cell{Scenario: d.Scenario, N: n, Version: d.Version}] = true
			}
		}
	}
	for _, cell := range a.Changes.Cells {
		row := cell.Head
		switch {
		case cell.Verdict == report.Missing:
			continue
		case a.needs(cell):
			row.Reason = reason
		case cell.Verdict == report.Same:
			row.Reason = cell.Base.Reason
		}
		next.Rows = append(next.Rows, row)
	}
	slices.SortFunc(next.Rows, report.Row.Compare)
	oldTrees, newTrees := calltree.Cells(baseline.Trees), calltree.Cells(measured.Trees)
	for _, row := range next.Rows {
		from := oldTrees
		if _, again := now[row.Cell]; again {
			from = newTrees
		}
		if tree, ok := from[row.Cell]; ok {
			next.Trees = append(next.Trees, tree.Bare())
		}
	}
	next.Subject = subjects(measured.Subject, baseline.Subject, next.Rows)
	next.Whole = false // only for results
	a.Baseline = next
	return a
}

// Gone returns the cells of old that measured does not have.
func Gone(old []report.Row, measured report.File) (gone []scenarios.Cell) {
	now := measured.Cells()
	for _, row := range old {
		if _, again := now[row.Cell]; !again {
			gone = append(gone, row.Cell)
		}
	}
	return gone
}

// Without returns f without the rows of cells.
func Without(f report.File, cells []scenarios.Cell) report.File {
	gone := index.Keys(cells, func(c scenarios.Cell) scenarios.Cell { return c })
	f.Rows = slices.DeleteFunc(slices.Clone(f.Rows), func(row report.Row) bool { return gone[row.Cell] })
	return f
}

// NeedsReason returns the accepted cells that cost more, grow faster, or have another outcome.
func (a Acceptance) NeedsReason() []report.CellDiff {
	return slices.DeleteFunc(slices.Clone(a.Changes.Cells), func(d report.CellDiff) bool { return !a.needs(d) })
}

func (a Acceptance) needs(d report.CellDiff) bool {
	return d.Verdict == report.Worse || a.need[d.Cell]
}

// DropBudgets removes the budgets of scenarios that have no rows after gone was removed.
func (a *Acceptance) DropBudgets(gone []scenarios.Cell) {
	a.Baseline.Budgets = slices.DeleteFunc(slices.Clone(a.Baseline.Budgets), func(b report.Budget) bool {
		of := func(scenario, version string) bool {
			return scenario == b.Scenario && (b.Version == "" || version == b.Version)
		}
		return slices.ContainsFunc(gone, func(c scenarios.Cell) bool { return of(c.Scenario, c.Version) }) &&
			!slices.ContainsFunc(a.Baseline.Rows, func(r report.Row) bool { return of(r.Scenario, r.Version) })
	})
}

// Changed returns the cells with changed rows.
func (a Acceptance) Changed() []report.CellDiff {
	return slices.DeleteFunc(slices.Clone(a.Changes.Cells), func(d report.CellDiff) bool { return !d.Changed() })
}

package merge

import (
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// An Acceptance is what a new baseline changes in the old one.
type Acceptance struct {
	Changes  report.Comparison // the old baseline against the new; unmeasured rows are in neither
	Baseline report.File       // the new one

	need map[scenarios.Cell]bool // see NeedsReason
}

// Accept merges what was measured into baseline. Rows of cells that were not
// measured stay, except for those in gone. reason is kept beside the rows that
// need one, see [Acceptance.NeedsReason]; a row that costs less loses the reason it
// had. Budgets stay. Call trees are kept without lines, which change with every edit.
func Accept(baseline, measured report.File, gone []scenarios.Cell, reason string) Acceptance {
	next := report.File{Budgets: baseline.Budgets}
	var before report.File
	for _, old := range baseline.Rows {
		_, again := measured.Find(old.Scenario, old.N, old.Version)
		removed := slices.Contains(gone, old.Cell())
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
			// A law that got steeper needs one too, even where no cell costs more yet.
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
	next.Trees = trees(baseline, measured, next.Rows)
	next.Subject = subjects(measured.Subject, baseline.Subject, next.Rows)
	next.Whole = false // that is said of a run
	a.Baseline = next
	return a
}

// trees returns those of rows, without lines: as measured, else as they were.
func trees(baseline, measured report.File, rows []report.Row) []calltree.Tree {
	var list []calltree.Tree
	for _, row := range rows {
		from := measured.Trees
		if _, again := measured.Find(row.Scenario, row.N, row.Version); !again {
			from = baseline.Trees
		}
		if tree, ok := calltree.Find(from, row.Cell()); ok {
			list = append(list, tree.Bare())
		}
	}
	return list
}

// NeedsReason returns the cells that are accepted although they cost more, grow
// faster, or come to another outcome.
func (a Acceptance) NeedsReason() []report.CellDiff {
	return slices.DeleteFunc(slices.Clone(a.Changes.Cells), func(d report.CellDiff) bool { return !a.needs(d) })
}

func (a Acceptance) needs(d report.CellDiff) bool {
	return d.Verdict == report.Worse || a.need[d.Cell()]
}

// DropBudgets removes the budgets of scenarios of which no row is left now that those of
// gone are.
func (a *Acceptance) DropBudgets(gone []scenarios.Cell) {
	a.Baseline.Budgets = slices.DeleteFunc(slices.Clone(a.Baseline.Budgets), func(b report.Budget) bool {
		of := func(scenario, version string) bool {
			return scenario == b.Scenario && (b.Version == "" || version == b.Version)
		}
		return slices.ContainsFunc(gone, func(c scenarios.Cell) bool { return of(c.Scenario, c.Version) }) &&
			!slices.ContainsFunc(a.Baseline.Rows, func(r report.Row) bool { return of(r.Scenario, r.Version) })
	})
}

// Changed returns the cells whose rows are not as they were.
func (a Acceptance) Changed() []report.CellDiff {
	return slices.DeleteFunc(slices.Clone(a.Changes.Cells), func(d report.CellDiff) bool { return !d.Changed() })
}

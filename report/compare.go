package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A Comparison compares two versions or two files.
type Comparison struct {
	Base, Head string     // names of the two
	Cells      []CellDiff // all cells in either
	Series     []SeriesDiff
}

// A CellDiff is one cell of a Comparison.
type CellDiff struct {
	scenarios.Cell // without a version if two are compared
	// Base or Head is the zero Row if the verdict is Added or Missing.
	Base, Head Row
	Verdict    Verdict
	Verdicts   map[tracer.Metric]Verdict // on the judged costs that differ, if the outcomes are equal
}

// A SeriesDiff has the cells of a scenario whose outcomes are the same, or changed in the same
// way.
type SeriesDiff struct {
	Scenario, Version        string
	BaseOutcome, HeadOutcome string
	Failure                  string // see Row
	N                        []int
	// Verdict is Worse if it is for any of the cells, or if a cost grows faster with N, even if
	// no measured cell shows it.
	Verdict            Verdict
	Metrics            map[tracer.Metric]GrowthDiff
	Worse              []tracer.Metric          // the costs that make it Worse
	Allowed            []tracer.Metric          // the costs that rose within their budgets
	Budgets            map[tracer.Metric]Budget // of the costs that have one
	Statements, Checks []GrowthDiff             // the changed ones, most changed first
}

// Compare compares the cells of the same version in base and head, except rows that race.
func Compare(baseName string, base File, headName string, head File) Comparison {
	races := func(r Row) bool { return r.Races }
	base.Rows, head.Rows = slices.DeleteFunc(slices.Clone(base.Rows), races), slices.DeleteFunc(slices.Clone(head.Rows), races)
	return byCost.compare(baseName, base, headName, head)
}

func (r rules) compare(baseName string, base File, headName string, head File) Comparison {
	c := Comparison{Base: baseName, Head: headName}
	inBase, inHead := base.Cells(), head.Cells()
	for _, row := range base.Rows {
		d := CellDiff{Cell: row.Cell, Base: row, Verdict: Missing}
		if other, ok := inHead[row.Cell]; ok {
			d = r.diffCells(row, other)
		}
		c.Cells = append(c.Cells, d)
	}
	for _, row := range head.Rows {
		if _, ok := inBase[row.Cell]; !ok {
			c.Cells = append(c.Cells, CellDiff{Cell: row.Cell, Head: row, Verdict: Added})
		}
	}
	slices.SortStableFunc(c.Cells, func(a, b CellDiff) int { return compareCells(a.Cell, b.Cell) })
	c.Series = r.diffSeries(slices.SortedStableFunc(slices.Values(c.Cells), func(a, b CellDiff) int { return compareInSeries(a.Cell, b.Cell) }))
	return c
}

// CompareVersions compares two versions in rows.
func CompareVersions(rows File, base, head string) Comparison {
	return Compare(base, rows.version(base), head, rows.version(head))
}

// version returns the rows of one version, without its name.
func (f File) version(name string) File {
	var of File
	for _, row := range f.Rows {
		if row.Version == name {
			row.Version = ""
			of.Rows = append(of.Rows, row)
		}
	}
	return of
}

// Regressed reports whether the head costs more anywhere, or grows faster.
func (c Comparison) Regressed() bool {
	return slices.ContainsFunc(c.Series, func(d SeriesDiff) bool { return d.Verdict == Worse })
}

// Count returns the number of cells with verdict v.
func (c Comparison) Count(v Verdict) int {
	n := 0
	for _, d := range c.Cells {
		if d.Verdict == v {
			n++
		}
	}
	return n
}

// Changed reports whether anything but the reason differs.
func (d CellDiff) Changed() bool { return d.Verdict != Same || !d.Base.Equal(d.Head.Counts) }

func (r rules) diffCells(base, head Row) CellDiff {
	d := CellDiff{Cell: base.Cell, Base: base, Head: head, Verdict: Same}
	if base.Outcome != head.Outcome || base.Failure != "" || head.Failure != "" {
		d.Verdict = NotCompared
		return d
	}
	d.Verdicts = map[tracer.Metric]Verdict{}
	for _, m := range r.metrics {
		if !base.Has(m) || !head.Has(m) {
			continue
		}
		before, after := m.Of(base.Counts), m.Of(head.Counts)
		verdict := r.budget(d.Scenario, d.Version, m).judge(before, after)
		d.Verdict = worst(d.Verdict, verdict)
		if before != after {
			d.Verdicts[m] = verdict
		}
	}
	return d
}

// diffSeries groups cells of which those of a series are together.
func (r rules) diffSeries(cells []CellDiff) []SeriesDiff {
	type key struct {
		scenario, version, baseOutcome, headOutcome, failure string
		missing, new                                         bool
	}
	order, groups := index.Groups(cells, func(d CellDiff) key {
		return key{d.Scenario, d.Version, d.Base.Outcome, d.Head.Outcome, d.Head.Failure, d.Verdict == Missing, d.Verdict == Added}
	})
	var diffs []SeriesDiff
	for _, k := range order {
		diffs = append(diffs, r.newSeriesDiff(groups[k]))
	}
	return diffs
}

func (r rules) newSeriesDiff(cells []CellDiff) SeriesDiff {
	first := cells[0]
	d := SeriesDiff{
		Scenario: first.Scenario, Version: first.Version,
		BaseOutcome: first.Base.Outcome, HeadOutcome: first.Head.Outcome, Failure: first.Head.Failure,
		Verdict: first.Verdict,
		Metrics: map[tracer.Metric]GrowthDiff{},
		Budgets: map[tracer.Metric]Budget{},
	}
	var base, head []Row
	for _, cell := range cells {
		d.N = append(d.N, cell.N)
		d.Verdict = worst(d.Verdict, cell.Verdict)
		if cell.Verdict != Added {
			base = append(base, cell.Base)
		}
		if cell.Verdict != Missing {
			head = append(head, cell.Head)
		}
	}
	for _, m := range tracer.Metrics() {
		d.Metrics[m] = GrowthDiff{Name: string(m), Base: growMetric(base, m), Head: growMetric(head, m)}
	}
	if len(base) == 0 || len(head) == 0 {
		return d
	}
	if first.Verdict != NotCompared {
		for _, m := range r.metrics {
			budget := r.budget(d.Scenario, d.Version, m)
			if budget.Metric != "" {
				d.Budgets[m] = budget
			}
			verdict := budget.judgeGrowth(d.Metrics[m])
			switch {
			case verdict == Worse:
				d.Worse = append(d.Worse, m)
			case d.Metrics[m].Verdict() == Worse:
				d.Allowed = append(d.Allowed, m)
				verdict = Same // a cost that needs a budget is not an improvement
			}
			d.Verdict = worst(d.Verdict, verdict)
		}
	}
	if d.Failure != "" {
		return d // its work until the failure is not comparable
	}
	d.Statements = diffNames(base, head, func(c tracer.Counts) map[string]int { return c.Statements })
	d.Checks = diffNames(base, head, func(c tracer.Counts) map[string]int { return c.Checks })
	return d
}

// diffNames returns the named counts that differ, most changed at the largest N first.
func diffNames(base, head []Row, counts func(tracer.Counts) map[string]int) []GrowthDiff {
	names := map[string]int{}
	for _, row := range slices.Concat(base, head) {
		maps.Copy(names, counts(row.Counts))
	}
	var diffs []GrowthDiff
	for _, name := range slices.Sorted(maps.Keys(names)) {
		count := func(c tracer.Counts) int { return counts(c)[name] }
		if d := (GrowthDiff{Name: name, Base: grow(base, count), Head: grow(head, count)}); d.Changed() {
			diffs = append(diffs, d)
		}
	}
	last := len(base) - 1
	slices.SortStableFunc(diffs, func(a, b GrowthDiff) int {
		moved := func(d GrowthDiff) int {
			difference := d.Head.Points[last].Count - d.Base.Points[last].Count
			return max(difference, -difference)
		}
		return cmp.Compare(moved(b), moved(a))
	})
	return diffs
}

// Changed reports whether any count differs.
func (d SeriesDiff) Changed() bool {
	return len(d.Statements)+len(d.Checks) > 0 ||
		slices.ContainsFunc(tracer.Metrics(), func(m tracer.Metric) bool { return d.Metrics[m].Changed() })
}

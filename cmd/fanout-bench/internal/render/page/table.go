package page

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// A pageTable has a row for each scenario: with a column for each version, or where that is
// one, or a package with scenarios of its own, a column for each figure.
type pageTable struct {
	Folded string // what it says while it is; empty: it is not
	Matrix bool   // has versions for columns
	Rows   []pageRow
}

type pageRow struct {
	Class string
	Cells []pageCell
}

type pageCell struct {
	Title  string
	Number bool
	Value  string // what it is sorted by, if not by its text
	Parts  []pagePart
}

// Bare reports whether the cell is text and needs no element for it.
func (c pageCell) Bare() bool {
	return len(c.Parts) == 1 && c.Parts[0] == pagePart{Text: c.Parts[0].Text, Link: c.Parts[0].Link}
}

// A pagePart is a line of a cell.
type pagePart struct {
	Class, Link, Text, Word, Hint string
	Checks                        string // how these grow
}

// tables returns the scenarios that differ and, apart from them, those that are the same.
func (x *contents) tables() []pageTable {
	if !x.Overview.Packages && len(x.Overview.Versions) > 1 {
		return x.matrix(slices.Concat(x.changed, x.equal))
	}
	var tables []pageTable
	for _, part := range []struct {
		folded string
		series []view.Ranked
	}{{"", x.changed}, {x.folded(len(x.equal), "series", "series"), x.equal}} {
		var rows []pageRow
		for _, r := range part.series {
			rows = append(rows, x.row(r))
		}
		tables = append(tables, pageTable{Folded: part.folded, Rows: rows})
	}
	return drop(tables)
}

// folded says what so many rows are that need no look. Without a verdict nothing is folded.
func (x *contents) folded(n int, one, many string) string {
	if x.Against == "" {
		return ""
	}
	return fmt.Sprintf("%s as in %s", term.Count(n, one, many), term.Printable(x.Against, term.NameWidth))
}

// row is a series with its figures.
func (x *contents) row(r view.Ranked) pageRow {
	n := view.At(r.SeriesDiff)
	count := func(title string, g report.GrowthDiff) pageCell {
		base, head := view.Counts(g, n)
		class := ""
		if r.Verdict != report.NotCompared && head > base {
			class = "worse"
		}
		return pageCell{Title: title, Number: true, Value: fmt.Sprint(head), Parts: []pagePart{{Class: class, Text: view.ChangeAt(r.SeriesDiff, g, n)}}}
	}
	text := func(title, text string) pageCell { return pageCell{Title: title, Parts: []pagePart{{Text: text}}} }
	verdict := x.verdict(r)
	version := "version"
	if x.Overview.Packages {
		version = "package"
	}
	scenario := text("scenario", term.Printable(r.Scenario, 0))
	scenario.Parts[0].Link = cmp.Or(x.ids[treeKey{r.Scenario, r.Version, r.HeadOutcome}], x.anchors[r.Scenario])
	at := text("N", r.AtN)
	at.Number = true
	return pageRow{verdict.Class, []pageCell{
		{Title: "verdict", Parts: []pagePart{{Class: verdict.Class, Text: verdict.Word, Hint: verdict.Hint, Word: remark(r)}}},
		text(version, term.Printable(r.Version, 0)), scenario, at,
		count("SQL", r.Metrics[tracer.SQL]), text("growth", view.Law(r.Metrics[tracer.SQL])),
		count("RBAC", r.Metrics[tracer.RBAC]), text("RBAC growth", view.Law(r.Metrics[tracer.RBAC])),
		count("repeated", view.Repeated(r.SeriesDiff)), room(r, n),
	}}
}

// room is how many requests a second there is room for, before and now, where both are known.
func room(r view.Ranked, n int) pageCell {
	before, after := capacity.Default().RatesAt(r.Metrics, n)
	if after == 0 {
		return pageCell{Title: "requests/s", Number: true}
	}
	part := pagePart{Text: capacity.Rate(after)}
	if before != 0 && before != after {
		part.Text = capacity.Rate(before) + " → " + part.Text
	}
	if after < before {
		part.Class = "worse"
	}
	return pageCell{Title: "requests/s", Number: true, Value: fmt.Sprint(int(after)), Parts: []pagePart{part}}
}

// verdict is what was found about r, in a word.
func (x *contents) verdict(r view.Ranked) pagePart {
	part := pagePart{Class: x.class(r.Verdict)}
	switch {
	case r.Finding != nil:
		part.Word, part.Hint = findings.Mark(*r.Finding, term.Style{}), term.Printable(r.Finding.Headline(), 0)
	case x.Against != "":
		part.Word = "same"
	}
	return part
}

func remark(r view.Ranked) string {
	if r.Verdict != report.NotCompared {
		return ""
	}
	return term.Printable(r.BaseOutcome+" → "+r.HeadOutcome, 2*term.NameWidth)
}

func (x *contents) class(v report.Verdict) string {
	switch {
	case v == report.Worse, v == report.NotCompared && x.Judges():
		return "worse"
	case v == report.Better:
		return "better"
	case v == report.Added:
		return "added"
	case v == report.Missing, v == report.NotCompared:
		return "outdated"
	default:
		return "same"
	}
}

// matrix has a column for each version.
func (x *contents) matrix(series []view.Ranked) []pageTable {
	columns, scenarios := slices.Clone(x.Overview.Versions), []string{}
	for _, growth := range x.Overview.Growth {
		scenarios = append(scenarios, growth.Scenario)
	}
	type key struct{ version, scenario string }
	cells := map[key][]pagePart{}
	add := func(version, scenario string, part pagePart) {
		if !slices.Contains(columns, version) { // what was not measured
			columns = append(columns, version)
		}
		if !slices.Contains(scenarios, scenario) {
			scenarios = append(scenarios, scenario)
		}
		cells[key{version, scenario}] = append(cells[key{version, scenario}], part)
	}
	for _, scenario := range slices.Sorted(maps.Keys(x.measured)) {
		for _, s := range x.measured[scenario] {
			if x.Reference != "" && s.Version == x.Reference {
				add(s.Version, scenario, pagePart{Text: cmp.Or(view.Exact(s.Metrics[tracer.SQL]), "0"), Checks: view.Exact(s.Metrics[tracer.RBAC])})
			}
		}
	}
	for _, r := range series {
		part := x.verdict(r)
		sql, rbac := r.Metrics[tracer.SQL], r.Metrics[tracer.RBAC]
		if x.Reference != "" { // which has a column of its own
			sql.Base, rbac.Base = report.Growth{}, report.Growth{}
		}
		part.Text, part.Checks, part.Link = cmp.Or(view.ExactChange(sql), "0"), view.ExactChange(rbac), x.ids[treeKey{r.Scenario, r.Version, r.HeadOutcome}]
		if r.Failure != "" && len(sql.Head.Points) == 0 {
			part.Text, part.Checks = findings.Failed(view.Exact(sql.Base)), ""
		}
		if r.Verdict == report.NotCompared {
			part.Word += " " + term.Printable(r.HeadOutcome, term.NameWidth)
		}
		add(r.Version, r.Scenario, part)
	}
	tables := []pageTable{{Matrix: true}, {Matrix: true}}
	for _, scenario := range scenarios {
		row := pageRow{Class: "same", Cells: []pageCell{{Title: "scenario", Parts: []pagePart{{Text: term.Printable(scenario, 0), Link: x.anchors[scenario]}}}}}
		for _, version := range columns {
			parts := cells[key{version, scenario}]
			row.Cells = append(row.Cells, pageCell{Title: term.Printable(version, 0), Parts: parts})
			for _, part := range parts {
				if part.Word != "same" && part.Word != "" && row.Class != "worse" {
					row.Class = part.Class
				}
			}
		}
		at := 0
		if row.Class == "same" {
			at = 1
		}
		tables[at].Rows = append(tables[at].Rows, row)
	}
	tables[1].Folded = x.folded(len(tables[1].Rows), "scenario", "scenarios")
	return drop(tables)
}

// drop takes out tables without rows, and of the others columns in which there is nothing, or
// one version.
func drop(tables []pageTable) []pageTable {
	tables = slices.DeleteFunc(tables, func(t pageTable) bool { return len(t.Rows) == 0 })
	if len(tables) == 0 {
		return nil
	}
	text := func(row pageRow, c int) string {
		if parts := row.Cells[c].Parts; len(parts) > 0 {
			return parts[0].Text
		}
		return ""
	}
	kept := []int{}
	for c, cell := range tables[0].Rows[0].Cells {
		empty, alike := true, cell.Title == "version" || cell.Title == "package"
		for _, t := range tables {
			for _, row := range t.Rows {
				empty = empty && (text(row, c) == "" || cell.Number && (text(row, c) == "0" || text(row, c) == findings.Failed("")))
				alike = alike && text(row, c) == text(tables[0].Rows[0], c)
			}
		}
		if !empty && !alike {
			kept = append(kept, c)
		}
	}
	for i := range tables {
		for j, row := range tables[i].Rows {
			var cells []pageCell
			for _, c := range kept {
				cells = append(cells, row.Cells[c])
			}
			tables[i].Rows[j].Cells = cells
		}
	}
	return tables
}

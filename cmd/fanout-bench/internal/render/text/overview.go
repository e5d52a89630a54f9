// Package text renders for a terminal. Judgments are in package findings, as tests of users
// print them too, and call trees in package tree.
package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Overview writes the overview for a terminal of 120 columns.
func Overview(w io.Writer, o view.Overview, style term.Style) error {
	for _, section := range []func(io.Writer, view.Overview, term.Style) error{headline, growth, published} {
		if err := section(w, o, style); err != nil {
			return err
		}
	}
	return nil
}

func headline(w io.Writer, o view.Overview, style term.Style) error {
	h := o.Headline
	if h == nil {
		return nil
	}
	t := &table{header: left("version")}
	for _, metric := range view.Shown {
		name := findings.Title(metric) + " "
		for _, n := range h.N {
			t.header = append(t.header, right(fmt.Sprintf("%sN=%d", name, n))...)
			name = ""
		}
		t.header = append(t.header, left("growth")...)
	}
	t.header = append(t.header, left("avoidable SQL")...)
	if h.Compared() {
		t.header = append(t.header, left("ΔSQL", "ΔRBAC")...)
	}

	for _, row := range h.Rows {
		cells := []string{term.Printable(row.Version, term.NameWidth)}
		for _, metric := range view.Shown {
			for _, cell := range row.Cells {
				cells = append(cells, count(cell, metric))
			}
			cells = append(cells, law(o, term.Style{}, row.Growth, metric))
		}
		cells = append(cells, view.AvoidableIn(*row.Growth.Series).String())
		if h.Compared() {
			for _, metric := range view.Shown {
				cells = append(cells, differences(row, style, metric, o.Reference))
			}
		}
		t.add(cells...)
	}
	fmt.Fprintf(w, "%s: SQL statements and RBAC checks of one request, scenario %s\n",
		style.Paint(term.Bold, term.Printable(o.Path, 0)), style.Paint(term.Bold, term.Printable(h.Scenario, 0)))
	fmt.Fprintf(w, "N: %s. Avoidable: repeats with equal arguments.\n", term.Printable(h.Counting, 0))
	if h.Compared() {
		fmt.Fprintf(w, "Δ: difference to %s at each N shown.\n", term.Printable(o.Reference, 0))
	}
	fmt.Fprintln(w)
	return t.render(w)
}

func count(c view.HeadlineCell, m tracer.Metric) string {
	if c.Row.Version == "" {
		return "-"
	}
	return fmt.Sprint(m.Of(c.Row.Counts))
}

// differences is "+6, +13". In place of a difference stands the outcome, where the
// reference came to another one, or "-" where one of the two was not measured.
func differences(r view.HeadlineRow, style term.Style, m tracer.Metric, reference string) string {
	if r.Version == reference {
		return ""
	}
	var parts []string
	for _, cell := range r.Cells {
		switch {
		case cell.Comparable():
			difference := cell.Difference(m)
			text := "0"
			if difference != 0 {
				text = fmt.Sprintf("%+d", difference)
			}
			parts = append(parts, style.Paint(term.Shade(difference), text))
		case cell.Reference == nil || cell.Row.Version == "":
			parts = append(parts, "-")
		default:
			parts = append(parts, term.Printable(term.FirstWord(cell.Row.Outcome), term.OutcomeWidth))
		}
	}
	return strings.Join(parts, ", ")
}

func growth(w io.Writer, o view.Overview, style term.Style) error {
	if len(o.Growth) == 0 {
		return nil
	}
	if o.Headline != nil {
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "Every scenario, as it grows with N.")
	if o.TypicalOutcome != "" {
		fmt.Fprintf(w, " Before a colon: how requests end, if not with %s. *: otherwise at smaller N.",
			term.Printable(term.FirstWord(o.TypicalOutcome), term.OutcomeWidth))
	}
	fmt.Fprintln(w)
	// More versions than there is room for stand in tables of about as many columns.
	const room = 7
	versions := len(o.Versions)
	tables := (versions + room - 1) / room
	columns := (versions + tables - 1) / tables
	for _, metric := range view.Shown {
		for from := 0; from < versions; from += columns {
			fmt.Fprintln(w)
			if err := growthTable(o, style, metric, from, min(from+columns, versions)).render(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// growthTable is about some of the versions, in the order of Versions.
func growthTable(o view.Overview, style term.Style, metric tracer.Metric, from, to int) *table {
	t := &table{header: left(findings.Title(metric))}
	for _, version := range o.Versions[from:to] {
		t.header = append(t.header, left(term.Printable(version, term.NameWidth))...)
	}
	for _, scenario := range o.Growth {
		cells := []string{term.Printable(scenario.Scenario, term.NameWidth)}
		for _, version := range scenario.Versions[from:to] {
			// A column for each version leaves no room for the blanks of a law.
			cells = append(cells, strings.ReplaceAll(law(o, style, version, metric), " + ", "+"))
		}
		t.add(cells...)
	}
	return t
}

// law is "12 + 7·N", or "409: 1 + 7·N*".
func law(o view.Overview, style term.Style, g view.VersionGrowth, m tracer.Metric) string {
	if g.Series == nil {
		return "-"
	}
	text := g.Series.Metrics[m].String()
	if verdict, ok := g.Verdicts[m]; ok {
		text = style.Paint(findings.Shade(verdict), text)
	}
	if term.FirstWord(g.Series.Outcome) != term.FirstWord(o.TypicalOutcome) && o.TypicalOutcome != "" {
		text = term.Printable(term.FirstWord(g.Series.Outcome), term.OutcomeWidth) + ": " + text
	}
	if g.Mixed {
		text += "*"
	}
	return text
}

func published(w io.Writer, o view.Overview, style term.Style) error {
	if len(o.Claims) == 0 {
		return nil
	}
	fmt.Fprint(w, "\nPublished figures against what was measured.\n\n")
	return claimsTable(w, o.Claims, style)
}

// Package text renders for a terminal. Package findings renders judgments, which users' tests print
// too, and package tree renders call trees.
package text

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Overview writes one scenario of all versions, and the number of the others; or the scenarios of
// packages, with those that grow first.
func Overview(w io.Writer, o view.Overview, style term.Style) error {
	if o.Packages {
		const most = 15
		return scenarioList(w, o, style, most)
	}
	if err := headline(w, o, style, false); err != nil {
		return err
	}
	if more := len(o.Growth) - 1; o.Headline != nil && more > 0 {
		fmt.Fprintf(w, "\n%s; --all shows how they grow.\n", term.Count(more, "more scenario", "more scenarios"))
	} else if o.Headline == nil {
		return growth(w, o, style)
	}
	if len(o.Claims) > 0 {
		fmt.Fprintf(w, "Published figures: %d of %d are reproduced; --all shows which are not.\n", o.Claims.Reproduced(), len(o.Claims))
	}
	return nil
}

// WholeOverview writes all scenarios.
func WholeOverview(w io.Writer, o view.Overview, style term.Style) error {
	if o.Packages {
		return scenarioList(w, o, style, len(o.Growth)*len(o.Versions))
	}
	if err := headline(w, o, style, true); err != nil {
		return err
	}
	if o.Headline != nil {
		fmt.Fprintln(w)
	}
	if err := growth(w, o, style); err != nil || len(o.Claims) == 0 {
		return err
	}
	fmt.Fprint(w, "\nPublished figures and what was measured:\n\n")
	return claimsTable(w, o.Claims, style)
}

// headline writes the first scenario with an N. With compared it adds differences to the reference,
// if they fit.
func headline(w io.Writer, o view.Overview, style term.Style, compared bool) error {
	h := o.Headline
	if h == nil {
		return nil
	}
	compared = compared && h.Compared()
	t := headlineTable(o, style, compared)
	if compared && headlineTable(o, term.Style{}, true).width() > style.Room() {
		compared, t = false, headlineTable(o, style, false)
	}
	fmt.Fprintf(w, "%s: queries and checks of one request, scenario %s\n",
		style.Paint(term.Bold, term.Printable(o.Path, 0)), style.Paint(term.Bold, term.Printable(h.Scenario, 0)))
	fmt.Fprintf(w, "N: %s. Repeated: queries with equal arguments.\n", term.Printable(h.Counting, 0))
	if compared {
		fmt.Fprintf(w, "Δ: difference to %s at each N shown.\n", term.Printable(o.Reference, 0))
	}
	fmt.Fprintln(w)
	return t.render(w)
}

func headlineTable(o view.Overview, style term.Style, compared bool) *table {
	h := o.Headline
	t := &table{header: left("version")}
	for _, metric := range view.Shown {
		name := findings.Title(metric) + " "
		for _, n := range h.N {
			t.header = append(t.header, right(fmt.Sprintf("%sN=%d", name, n))...)
			name = ""
		}
		t.header = append(t.header, left("growth")...)
	}
	t.header = append(t.header, left("repeated")...)
	if compared {
		t.header = append(t.header, left("ΔSQL", "ΔRBAC")...)
	}
	for _, row := range h.Rows {
		cells := []string{term.Printable(row.Version, term.NameWidth)}
		for _, metric := range view.Shown {
			for _, cell := range row.Cells {
				cells = append(cells, count(cell, metric))
			}
			cells = append(cells, law(term.Style{}, row.Growth, o.TypicalOutcome, metric))
		}
		cells = append(cells, cmp.Or(view.RepeatedIn(*row.Growth.Series).String(), "-"))
		if compared {
			for _, metric := range view.Shown {
				cells = append(cells, differences(row, style, metric, o.Reference))
			}
		}
		t.add(cells...)
	}
	return t
}

func count(c view.HeadlineCell, m tracer.Metric) string {
	if c.Row.Version == "" || !c.Row.Has(m) {
		return "-"
	}
	return fmt.Sprint(m.Of(c.Row.Counts))
}

// differences returns "+6, +13". The outcome replaces a difference if it is not that of the
// reference, and "-" if one of the two was not measured.
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

// growth writes a table for each metric, or several if the versions do not fit into one.
func growth(w io.Writer, o view.Overview, style term.Style) error {
	if len(o.Growth) == 0 {
		return nil
	}
	fmt.Fprint(w, "How each scenario grows with N. A status marks a different outcome.\n")
	for _, metric := range view.Shown {
		for from, to := 0, 1; from < len(o.Versions); from, to = to, to+1 {
			for to < len(o.Versions) && growthTable(o, term.Style{}, metric, from, to+1).width() <= style.Room() {
				to++
			}
			fmt.Fprintln(w)
			if err := growthTable(o, style, metric, from, to).render(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// growthTable returns the table of some versions, in the order of Versions.
func growthTable(o view.Overview, style term.Style, metric tracer.Metric, from, to int) *table {
	t := &table{header: left(findings.Title(metric))}
	for _, version := range o.Versions[from:to] {
		t.header = append(t.header, left(term.Printable(version, term.NameWidth))...)
	}
	for _, scenario := range o.Growth {
		name := term.Printable(scenario.Scenario, term.NameWidth)
		if usual := term.FirstWord(scenario.Outcome); o.Headline == nil || usual != term.FirstWord(o.TypicalOutcome) {
			name += " " + term.Printable(usual, term.OutcomeWidth)
		}
		cells := []string{name}
		for _, version := range scenario.Versions[from:to] {
			// Columns are narrow.
			cells = append(cells, strings.ReplaceAll(law(style, version, scenario.Outcome, metric), " + ", "+"))
		}
		t.add(cells...)
	}
	return t
}

// scenarioList writes a line for each scenario of each package, up to a limit, with those that grow
// first.
func scenarioList(w io.Writer, o view.Overview, style term.Style, most int) error {
	lines, checks := o.List()
	t := &table{header: left("scenario", "N", "SQL")}
	what := "queries"
	if checks {
		t.header, what = append(t.header, left("RBAC")...), "queries and checks"
	}
	t.header = append(t.header, left("repeated")...)
	for _, l := range lines[:min(most, len(lines))] {
		name := l.Scenario
		if len(o.Versions) > 1 {
			name = l.Version + " " + name
		}
		cells := []string{term.Printable(name, 2*term.NameWidth), cmp.Or(term.Printable(l.Counting, term.NameWidth), "-"), law(term.Style{}, l.VersionGrowth, l.Outcome, tracer.SQL)}
		if checks {
			cells = append(cells, law(term.Style{}, l.VersionGrowth, l.Outcome, tracer.RBAC))
		}
		t.add(append(cells, cmp.Or(view.RepeatedIn(*l.Series).String(), "-"))...)
	}
	fmt.Fprintf(w, "%s: %s of one request, as they grow with N\n\n", style.Paint(term.Bold, term.Printable(o.Path, 0)), what)
	if err := t.render(w); err != nil {
		return err
	}
	if more := len(lines) - most; more > 0 {
		fmt.Fprintf(w, "\n%s; --all shows them.\n", term.Count(more, "more scenario", "more scenarios"))
	}
	return nil
}

// law returns "12 + 7·N", or "409: 1 + 7·N" for an unusual outcome.
func law(style term.Style, g view.VersionGrowth, usual string, m tracer.Metric) string {
	if g.Series == nil {
		return "-"
	}
	text := cmp.Or(g.Series.Metrics[m].String(), "-")
	if verdict, ok := g.Verdicts[m]; ok {
		text = style.Paint(findings.Shade(verdict), text)
	}
	if term.FirstWord(g.Series.Outcome) != term.FirstWord(usual) {
		text = term.Printable(term.FirstWord(g.Series.Outcome), term.OutcomeWidth) + ": " + text
	}
	return text
}

// Package text renders for a terminal. Package findings renders judgments, which users' tests print
// too, and package tree renders call trees.
package text

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Overview shows one scenario of all versions, and the number of the others; or the scenarios of
// packages, with those that grow first.
func Overview(o view.Overview, style term.Style) string {
	if o.Packages {
		const most = 15
		return scenarioList(o, style, most)
	}
	if o.Headline == nil {
		return growth(o, style)
	}
	text := headline(o, style, false)
	if more := len(o.Growth) - 1; more > 0 {
		text += fmt.Sprintf("\n%s; --all shows how they grow.\n", term.Count(more, "more scenario", "more scenarios"))
	}
	if len(o.Claims) > 0 {
		text += fmt.Sprintf("Published figures: %d of %d are reproduced; --all shows which are not.\n", o.Claims.Reproduced(), len(o.Claims))
	}
	return text
}

// WholeOverview shows all scenarios.
func WholeOverview(o view.Overview, style term.Style) string {
	if o.Packages {
		return scenarioList(o, style, len(o.Growth)*len(o.Versions))
	}
	text := growth(o, style)
	if o.Headline != nil {
		text = headline(o, style, true) + "\n" + text
	}
	if len(o.Claims) > 0 {
		text += "\nPublished figures and what was measured:\n\n" + claimsTable(o.Claims, style)
	}
	return text
}

// headline shows the first scenario with an N. With compared it adds differences to the reference,
// if they fit.
func headline(o view.Overview, style term.Style, compared bool) string {
	compared = compared && o.Compared() && headlineTable(o, term.Style{}, true).width() <= style.Room()
	text := fmt.Sprintf("%s: queries and checks of one request, scenario %s\nN: %s. Repeated: queries with equal arguments.\n",
		style.Paint(term.Bold, term.Printable(o.Path, 0)), style.Paint(term.Bold, term.Printable(o.Headline.Scenario, 0)), term.Printable(o.Headline.Counting, 0))
	if compared {
		text += fmt.Sprintf("Δ: difference to %s at each N shown.\n", term.Printable(o.Reference, 0))
	}
	return text + "\n" + headlineTable(o, style, compared).String()
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
	for i, growth := range h.Versions {
		if growth.Series == nil {
			continue
		}
		version := o.Versions[i]
		cells := []string{term.Printable(version, term.NameWidth)}
		for _, metric := range view.Shown {
			for _, n := range h.N {
				cells = append(cells, cmp.Or(h.Count(version, n, metric), "-"))
			}
			cells = append(cells, law(term.Style{}, growth, h.Outcome, metric))
		}
		cells = append(cells, cmp.Or(view.RepeatedIn(*growth.Series).String(), "-"))
		if compared {
			for _, metric := range view.Shown {
				cells = append(cells, differences(o, style, version, metric))
			}
		}
		t.add(cells...)
	}
	return t
}

// differences returns "+6, +13". The outcome replaces a difference if it is not that of the
// reference, and "-" if one of the two was not measured.
func differences(o view.Overview, style term.Style, version string, m tracer.Metric) string {
	if version == o.Reference {
		return ""
	}
	var parts []string
	for _, n := range o.Headline.N {
		row, measured := o.Headline.Row(version, n)
		_, known := o.Headline.Row(o.Reference, n)
		difference, ok := o.Difference(version, n, m)
		switch {
		case !measured || !known:
			parts = append(parts, "-")
		case !ok:
			parts = append(parts, term.Printable(term.FirstWord(row.Outcome), term.OutcomeWidth))
		case difference == 0:
			parts = append(parts, style.Paint(term.Faint, "0"))
		default:
			parts = append(parts, style.Paint(term.Shade(difference), fmt.Sprintf("%+d", difference)))
		}
	}
	return strings.Join(parts, ", ")
}

// growth shows a table for each metric, or several if the versions do not fit into one.
func growth(o view.Overview, style term.Style) string {
	if len(o.Growth) == 0 {
		return ""
	}
	text := "How each scenario grows with N. A status marks a different outcome.\n"
	for _, metric := range view.Shown {
		for from, to := 0, 1; from < len(o.Versions); from, to = to, to+1 {
			for to < len(o.Versions) && growthTable(o, term.Style{}, metric, from, to+1).width() <= style.Room() {
				to++
			}
			text += "\n" + growthTable(o, style, metric, from, to).String()
		}
	}
	return text
}

// growthTable returns the table of some versions, in the order of Versions.
func growthTable(o view.Overview, style term.Style, metric tracer.Metric, from, to int) *table {
	t := &table{header: left(findings.Title(metric))}
	for _, version := range o.Versions[from:to] {
		t.header = append(t.header, left(term.Printable(version, term.NameWidth))...)
	}
	for _, scenario := range o.Growth {
		name := term.Printable(scenario.Scenario, term.NameWidth)
		if !o.Usual(scenario.Outcome) {
			name += " " + term.Printable(term.FirstWord(scenario.Outcome), term.OutcomeWidth)
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

// scenarioList shows a line for each scenario of each package, up to a limit, with those that grow
// first.
func scenarioList(o view.Overview, style term.Style, most int) string {
	lines, checks := o.List()
	t := &table{header: left("scenario", "N", "SQL")}
	what := "queries"
	if checks {
		t.header, what = append(t.header, left("RBAC")...), "queries and checks"
	}
	t.header = append(t.header, left("repeated")...)
	for _, l := range lines[:min(most, len(lines))] {
		name := strings.Join(o.Names(l.Version, l.Scenario), " ")
		cells := []string{term.Printable(name, 2*term.NameWidth), cmp.Or(term.Printable(l.Counting, term.NameWidth), "-"), law(term.Style{}, l.VersionGrowth, l.Outcome, tracer.SQL)}
		if checks {
			cells = append(cells, law(term.Style{}, l.VersionGrowth, l.Outcome, tracer.RBAC))
		}
		t.add(append(cells, cmp.Or(view.RepeatedIn(*l.Series).String(), "-"))...)
	}
	text := fmt.Sprintf("%s: %s of one request, as they grow with N\n\n%v", style.Paint(term.Bold, term.Printable(o.Path, 0)), what, t)
	if more := len(lines) - most; more > 0 {
		text += fmt.Sprintf("\n%s; --all shows them.\n", term.Count(more, "more scenario", "more scenarios"))
	}
	return text
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

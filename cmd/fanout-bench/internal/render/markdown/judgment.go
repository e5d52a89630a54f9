package markdown

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// otherRows is how many series are listed that a cause is behind as well.
const otherRows = 6

// judgment writes what is not as in the baseline: the largest cause in the first line, then
// what changed for each, then the rest.
func (m *comment) judgment(d view.Document) {
	sentence := prose(d.Sentence())
	if d.Verdict() == "improved" {
		sentence = "improved: " + sentence
	}
	if len(d.Causes) == 0 {
		fmt.Fprintf(&m.b, "### %s fanout-bench: %s\n\n", emoji(d.Verdict()), sentence)
	} else {
		more := ""
		if n := len(d.Causes) - 1; n > 0 {
			more = "; and " + term.Count(n, "more cause", "more causes")
		}
		fmt.Fprintf(&m.b, "### %s fanout-bench: %s%s\n\n%s Compared with %s.\n\n", emoji(d.Verdict()), happened(d, d.Causes[0]), more, sentence, prose(d.Against))
	}
	m.unmeasured(d.Unmeasured)
	shown, told := min(len(d.Causes), findings.MaxShown), map[string]bool{}
	for i, c := range d.Causes[:shown] {
		if i > 0 {
			m.block(happened(d, c) + "\n")
		}
		m.cause(d, c, !told[c.Findings[0].Subject()])
		told[c.Findings[0].Subject()] = true
	}
	var others [][]string
	for _, c := range d.Causes[shown:] {
		first := c.Findings[0]
		others = append(others, []string{place(d, c), prose(c.Asks[0].More(c.Unit())) + ": " + code(c.Asks[0].Name), code(first.Version), code(first.Scenario), fmt.Sprint(len(c.Findings))})
	}
	m.folded(term.Count(len(others), "more cause", "more causes"), []string{"where", "what", "version", "scenario", "series:"}, others)
	m.unplaced(d)
}

// happened says in a line what a cause does, and where.
func happened(d view.Document, c findings.Cause) string {
	text := c.Sentence(func(name string) string {
		return "\x00" + term.Truncate(term.Printable(name, 0), term.NameWidth*2) + "\x00"
	})
	var b strings.Builder
	for i, part := range strings.Split(text, "\x00") {
		if i%2 == 1 {
			b.WriteString(code(part))
		} else {
			b.WriteString(entities(part))
		}
	}
	return b.String() + " at " + place(d, c)
}

// place is where a cause is, as a link where the repository is known.
func place(d view.Document, c findings.Cause) string {
	if link := d.Link(c); link != "" {
		return fmt.Sprintf("[%s](%s)", code(c.Site()), link)
	}
	return code(c.Site())
}

// cause writes what changed where a cause has the largest effect, who asks, and where it is
// as well. What is said of the series is said once.
func (m *comment) cause(d view.Document, c findings.Cause, first bool) {
	f := c.Findings[0]
	var main []tracer.Metric
	if first {
		main = f.Main()
	}
	var b strings.Builder
	b.WriteString(costs(d, c, main))
	for _, metric := range main {
		if budget := f.Budgets[metric]; budget.Exceeded(f.Metrics[metric].Head) {
			fmt.Fprintf(&b, "%s may be at most %s: %s.\n\n", findings.Title(metric), prose(findings.Limit(budget, f.UnitOrN())), prose(budget.Reason))
		}
	}
	if text := f.Capacity(); first && text != "" {
		b.WriteString(strings.ToUpper(text[:1]) + prose(text[1:]) + ".\n\n")
	}
	if remedy := c.Asks[0].Remedy(); remedy != "" {
		b.WriteString("At the largest N " + prose(remedy) + ".\n\n")
	}
	if len(c.From) > 0 {
		var from []string
		for _, frame := range c.From[:min(len(c.From), findings.MaxChanges)] {
			from = append(from, code(frame.Name()+" "+frame.Site()))
		}
		if more := len(c.From) - len(from); more > 0 {
			from = append(from, fmt.Sprintf("%d more", more))
		}
		b.WriteString("Called from " + strings.Join(from, ", ") + ".\n\n")
	}
	m.block(strings.TrimSuffix(b.String(), "\n"))
	if text := callTree(d, f); text != "" && first {
		m.block(details("Call tree of "+tagged(f.Subject()), text))
	}
	var series [][]string
	for _, f := range c.Findings {
		for _, scenario := range f.Scenarios() {
			series = append(series, []string{code(f.Version), code(scenario), term.Span(f.N), f.Metrics[tracer.SQL].String(), f.Metrics[tracer.RBAC].String()})
		}
	}
	others := series[1:]
	m.folded(fmt.Sprintf("Also in %d other series", len(others)), []string{"version", "scenario", "N", "SQL", "RBAC"}, others)
}

// costs returns a table of metrics, and of what a cause requests, where it has the largest effect.
func costs(d view.Document, c findings.Cause, metrics []tracer.Metric) string {
	f := c.Findings[0]
	n := view.At(f.SeriesDiff)
	side := func(g report.Growth, count int) string {
		text := g.String()
		if f.Unit != "" && text != fmt.Sprint(count) {
			text += fmt.Sprintf(" (%d at N=%d)", count, n)
		}
		return text
	}
	var rows strings.Builder
	add := func(what string, g report.GrowthDiff) {
		base, head := view.Counts(g, n)
		rows.WriteString(row(what, side(g.Base, base), side(g.Head, head)))
	}
	for _, metric := range metrics {
		add(prose(findings.Title(metric)), f.Metrics[metric])
	}
	for _, change := range f.Changes[:min(len(f.Changes), findings.MaxChanges)] {
		kind := "query"
		if change.Check {
			kind = "check"
		}
		if slices.ContainsFunc(c.Asks, func(a findings.Ask) bool {
			return a.Name == change.Name && (a.Kind == tracer.KindCheck) == change.Check
		}) {
			add(kind+" "+code(change.Name), change.GrowthDiff)
		}
	}
	var names []string
	for _, name := range d.Overview.Names(f.Version, f.Scenario) {
		names = append(names, code(name))
	}
	return header(strings.Join(names, " "), "before", "now") + rows.String() + "\n"
}

// folded writes rows as a folded table, of which only the first are shown.
func (m *comment) folded(summary string, titles []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	more := len(rows) - otherRows
	rows = rows[:min(len(rows), otherRows)]
	table := comment{reserve: limit - min(m.room(), unchangedLimit)}
	table.columns(titles, rows, nil)
	if more > 0 {
		fmt.Fprintf(&table.b, "and %d more; the page has all\n", more)
	}
	m.block(details(summary, table.b.String()))
}

// unplaced writes what differs and no cause is behind.
func (m *comment) unplaced(d view.Document) {
	var (
		list  []view.Ranked
		wrote int
	)
	changed, _ := d.Ranked()
	for _, r := range changed {
		if !r.Finding.Placed() {
			list = append(list, r)
		}
	}
	m.table(d, list)
	for _, r := range list {
		f := *r.Finding
		if !f.Fails() || r.Scenario != f.Scenario {
			continue
		}
		if wrote++; wrote > findings.MaxShown {
			m.dropped++
			continue
		}
		m.block(finding(d, f))
	}
}

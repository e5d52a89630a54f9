// Package markdown renders a report as a comment for a pull request.
package markdown

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// Comment returns the document as a comment for a pull request, in at most 60,000
// bytes. What does not fit is left out from the end, and the text says so.
func Comment(d view.Document) string {
	footer := firstRuns(d) + pageLink(d)
	if d.Judges() {
		footer = accepted(d) + firstRuns(d) + accepting(d)
	}
	m := comment{reserve: len(footer) + 300} // and for what tells of what is left out
	m.b.WriteString(marker)
	switch {
	case d.Judges():
		m.judgment(d)
	case d.Reference != "":
		m.heading(d)
		m.versions(d)
	default:
		m.heading(d)
		m.measured(d)
	}
	if m.dropped > 0 {
		fmt.Fprintf(&m.b, "Left out, as comments have a limit: %s. The page that 'fanout-bench report --format html' writes has all.\n\n",
			term.Count(m.dropped, "further part", "further parts"))
	}
	m.b.WriteString(footer)
	return strings.TrimRight(m.b.String(), "\n") + "\n"
}

// Nothing returns the comment where nothing could be judged. The reason may have paths and hosts, and
// so stands in the log only.
func Nothing(status int) string {
	return fmt.Sprintf("%s### %s fanout-bench: nothing could be judged (exit status %d)\n\nThis change may hide a regression. The log of the job says why.\n", marker, emoji("unmeasured"), status)
}

// heading writes what the document is, and what could not be measured.
func (m *comment) heading(d view.Document) {
	_, sentence := d.Heading()
	fmt.Fprintf(&m.b, "### fanout-bench: %s\n\n", prose(sentence))
	if d.Chart != "" {
		fmt.Fprintf(&m.b, "![Growth of SQL](%s)\n\n", d.Chart)
	}
	m.unmeasured(d.Unmeasured)
}

// versions writes what versions cost beside the reference: one scenario, and the call tree of
// what costs most more in it.
func (m *comment) versions(d view.Document) {
	if h := d.Overview.Headline; h != nil {
		m.headline(d.Overview)
		if f, ok := d.Costliest(h.Scenario); ok {
			if text := callTree(d, f); text != "" {
				m.block(fmt.Sprintf("Call tree of %s beside %s:\n\n%s", code(f.Version), code(d.Reference), text))
			}
		}
	} else {
		changed, unchanged := d.Ranked()
		m.table(d, slices.Concat(changed, unchanged))
	}
}

// headline writes how the versions grow in the scenario that an overview leads with.
func (m *comment) headline(o view.Overview) {
	h, titles := o.Headline, []string{"version"}
	for _, metric := range view.Shown {
		for _, n := range h.N {
			titles = append(titles, fmt.Sprintf("%s, N=%d:", findings.Title(metric), n))
		}
		titles = append(titles, findings.Title(metric)+" over N")
	}
	var rows [][]string
	for i, growth := range h.Versions {
		if growth.Series == nil {
			continue
		}
		cells := []string{code(o.Versions[i])}
		for _, metric := range view.Shown {
			for _, n := range h.N {
				cells = append(cells, h.Count(o.Versions[i], n, metric))
			}
			cells = append(cells, view.Exact(growth.Series.Metrics[metric]))
		}
		rows = append(rows, append(cells, view.Exact(view.RepeatedIn(*growth.Series))))
	}
	fmt.Fprintf(&m.b, "One request in scenario %s. N: %s. Repeated: statements with the arguments of an earlier one.\n\n", code(h.Scenario), prose(h.Counting))
	m.columns(append(titles, "repeated"), rows, nil)
}

// measured writes what was measured, without a verdict: how each scenario grows, and its call
// tree while there is room.
func (m *comment) measured(d view.Document) {
	changed, unchanged := d.Ranked()
	list := slices.Concat(changed, unchanged)
	m.table(d, list)
	for _, r := range list {
		_, head := d.Trees(scenarios.Cell{Scenario: r.Scenario, N: slices.Max(r.N), Version: r.Version})
		if head != nil && len(head.Roots) > 0 {
			m.block(details("Call tree of "+tagged(r.Version+" "+r.Scenario), drawn(*head)))
		}
	}
}

// pageLink links the page, if its address is known.
func pageLink(d view.Document) string {
	if d.Page == "" {
		return ""
	}
	return fmt.Sprintf("[All scenarios, with charts and call trees](%s)\n\n", d.Page)
}

// Package markdown renders a report as a comment for a pull request.
package markdown

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// Write writes the document as a comment for a pull request, in at most 60,000
// bytes. What does not fit is left out from the end, and the text says so.
func Write(w io.Writer, d view.Document) error {
	m := comment{}
	m.b.WriteString(marker)
	switch {
	case d.Judges():
		m.judgment(d)
	case d.Reference != "":
		m.versions(d)
	default:
		m.measured(d)
	}
	_, err := io.WriteString(w, strings.TrimRight(m.b.String(), "\n")+"\n")
	return err
}

// Nothing writes the comment where nothing could be judged. The reason may have paths and hosts, and
// so stands in the log only.
func Nothing(w io.Writer, status int) error {
	_, err := fmt.Fprintf(w, "%s### %s fanout-bench: nothing could be judged (exit status %d)\n\nThis change may hide a regression. The log of the job says why.\n", marker, emoji("unmeasured"), status)
	return err
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
	m.heading(d)
	footer := firstRuns(d) + pageLink(d)
	m.reserve = len(footer) + 200 // and for what tells of what is left out
	if h := d.Overview.Headline; h != nil {
		m.headline(h)
		if f, ok := d.Costliest(h.Scenario); ok {
			if text := callTree(d, f); text != "" {
				m.block(fmt.Sprintf("Call tree of %s beside %s:\n\n%s", code(f.Version), code(d.Reference), text))
			}
		}
	} else {
		changed, unchanged := d.Ranked()
		m.table(d, slices.Concat(changed, unchanged))
	}
	m.leftOut()
	m.b.WriteString(footer)
}

// headline writes how the versions grow in the scenario that an overview leads with.
func (m *comment) headline(h *view.Headline) {
	titles := []string{"version"}
	for _, metric := range view.Shown {
		for _, n := range h.N {
			titles = append(titles, fmt.Sprintf("%s, N=%d:", findings.Title(metric), n))
		}
		titles = append(titles, findings.Title(metric)+" over N")
	}
	var rows [][]string
	for _, r := range h.Rows {
		cells := []string{code(r.Version)}
		for _, metric := range view.Shown {
			for _, cell := range r.Cells {
				text := ""
				if cell.Row.Version != "" && cell.Row.Has(metric) {
					text = fmt.Sprint(metric.Of(cell.Row.Counts))
				}
				cells = append(cells, text)
			}
			cells = append(cells, view.Exact(r.Growth.Series.Metrics[metric]))
		}
		rows = append(rows, append(cells, view.Exact(view.RepeatedIn(*r.Growth.Series))))
	}
	fmt.Fprintf(&m.b, "One request in scenario %s. N: %s. Repeated: statements with the arguments of an earlier one.\n\n", code(h.Scenario), prose(h.Counting))
	m.columns(append(titles, "repeated"), rows, nil)
}

// measured writes what was measured, without a verdict: how each scenario grows, and its call
// tree while there is room.
func (m *comment) measured(d view.Document) {
	m.heading(d)
	footer := firstRuns(d) + pageLink(d)
	m.reserve = len(footer) + 200
	changed, unchanged := d.Ranked()
	list := slices.Concat(changed, unchanged)
	m.table(d, list)
	for _, r := range list {
		_, head := d.Trees(scenarios.Cell{Scenario: r.Scenario, N: slices.Max(r.N), Version: r.Version})
		if head != nil && len(head.Roots) > 0 {
			m.block(details("Call tree of "+tagged(r.Version+" "+r.Scenario), drawn(*head)))
		}
	}
	m.leftOut()
	m.b.WriteString(footer)
}

// pageLink links the page, if its address is known.
func pageLink(d view.Document) string {
	if d.Page == "" {
		return ""
	}
	return fmt.Sprintf("[All scenarios, with charts and call trees](%s)\n\n", d.Page)
}

package text

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/changes"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// Acceptance writes one line for each scenario and verdict that the new baseline changes, with the
// change at the largest N.
func Acceptance(w io.Writer, a merge.Acceptance, style term.Style) error {
	list := a.Changed()
	if len(list) > 0 {
		t := &table{header: left("", "scenario", "N", "old → new, at the largest N")}
		for _, group := range alike(list) {
			var ns []int
			for _, d := range group {
				ns = append(ns, d.Cell().N)
			}
			last := group[len(group)-1]
			name := last.Cell().Version + " " + last.Cell().Scenario
			t.add(findings.Word(style, last.Verdict), term.Printable(name, 2*term.NameWidth), term.Span(ns), term.Printable(changed(last), 0))
		}
		if err := t.render(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "%d of %s.\n", len(list), term.Count(len(a.Changes.Cells), "measurement changes", "measurements change"))
	return err
}

// alike groups differences of one scenario, version and verdict, with N ascending.
func alike(list []report.CellDiff) [][]report.CellDiff {
	var groups [][]report.CellDiff
	for _, d := range list {
		i := slices.IndexFunc(groups, func(g []report.CellDiff) bool {
			a, b := g[0].Cell(), d.Cell()
			return a.Scenario == b.Scenario && a.Version == b.Version && g[0].Verdict == d.Verdict
		})
		if i < 0 {
			groups = append(groups, []report.CellDiff{d})
		} else {
			groups[i] = append(groups[i], d)
		}
	}
	for _, g := range groups {
		slices.SortFunc(g, func(a, b report.CellDiff) int { return cmp.Compare(a.Cell().N, b.Cell().N) })
	}
	return groups
}

// changed lists what differs: "sql 13 → 14, rbac 5 → 6".
func changed(d report.CellDiff) string {
	switch d.Verdict {
	case report.Added:
		return fmt.Sprintf("%s: sql %d, rbac %d", d.Head.Outcome, d.Head.SQL, d.Head.RBAC)
	case report.Missing:
		return fmt.Sprintf("sql %d, rbac %d → removed", d.Base.SQL, d.Base.RBAC)
	}
	var parts []string
	if d.Base.Outcome != d.Head.Outcome {
		parts = append(parts, d.Base.Outcome+" → "+d.Head.Outcome)
	}
	statements, checks, metrics := changes.Between(d.Base.Counts, d.Head.Counts)
	for _, m := range metrics {
		parts = append(parts, fmt.Sprintf("%s %d → %d", m.Name, m.From, m.To))
	}
	if len(metrics) == 0 {
		for _, c := range append(statements, checks...) {
			parts = append(parts, fmt.Sprintf("%s %d → %d", term.Printable(c.Name, term.StatementWidth), c.From, c.To))
		}
	}
	return strings.Join(parts, ", ")
}

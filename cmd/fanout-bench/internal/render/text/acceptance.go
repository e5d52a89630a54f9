package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// Acceptance writes each cell that the new baseline changes, old → new.
func Acceptance(w io.Writer, a report.Acceptance, style term.Style) error {
	changed := a.Changed()
	if len(changed) > 0 {
		t := &table{header: []string{"", "cell", "old → new"}}
		for _, d := range changed {
			t.add(findings.Word(style, d.Verdict), term.Printable(d.Cell().String(), 2*term.NameWidth), term.Printable(changes(d), 0))
		}
		if err := t.render(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "%d of %s.\n", len(changed), term.Count(len(a.Changes.Cells), "cell changes", "cells change"))
	return err
}

// changes lists what differs: "sql 13 → 14, rbac 5 → 6".
func changes(d report.CellDiff) string {
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
	for _, m := range d.Metrics {
		parts = append(parts, fmt.Sprintf("%s %d → %d", m.Name, m.From, m.To))
	}
	if len(d.Metrics) == 0 {
		for _, c := range append(d.Statements, d.Checks...) {
			parts = append(parts, fmt.Sprintf("%s %d → %d", term.Printable(c.Name, term.NameWidth), c.From, c.To))
		}
	}
	return strings.Join(parts, ", ")
}

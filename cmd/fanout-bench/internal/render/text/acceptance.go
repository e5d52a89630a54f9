package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/changes"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// Acceptance writes each cell that the new baseline changes, old → new.
func Acceptance(w io.Writer, a merge.Acceptance, style term.Style) error {
	list := a.Changed()
	if len(list) > 0 {
		t := &table{header: left("", "cell", "old → new")}
		for _, d := range list {
			t.add(findings.Word(style, d.Verdict), term.Printable(d.Cell().String(), 2*term.NameWidth), term.Printable(changed(d), 0))
		}
		if err := t.render(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintf(w, "%d of %s.\n", len(list), term.Count(len(a.Changes.Cells), "cell changes", "cells change"))
	return err
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

package report

import (
	"fmt"
	"io"
	"strings"
)

// Text writes each cell that the new baseline changes, old → new.
func (a Acceptance) Text(w io.Writer, style Style) error {
	changed := a.Changed()
	if len(changed) > 0 {
		t := &table{header: []string{"", "cell", "old → new"}}
		for _, d := range changed {
			t.add(style.verdict(d.Verdict), Printable(d.key().Cell().String(), 2*nameWidth), Printable(d.changes(), 0))
		}
		if err := t.render(w); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	verb := "cells change"
	if len(a.Changes.Cells) == 1 {
		verb = "cell changes"
	}
	_, err := fmt.Fprintf(w, "%d of %d %s.\n", len(changed), len(a.Changes.Cells), verb)
	return err
}

// changes lists what differs: "sql 13 → 14, rbac 5 → 6".
func (d CellDiff) changes() string {
	switch d.Verdict {
	case Added:
		return fmt.Sprintf("%s: sql %d, rbac %d", d.Head.Outcome, d.Head.SQL, d.Head.RBAC)
	case Missing:
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
			parts = append(parts, fmt.Sprintf("%s %d → %d", Printable(c.Name, nameWidth), c.From, c.To))
		}
	}
	return strings.Join(parts, ", ")
}

// Package markdown renders a report as a comment for a pull request.
package markdown

import (
	"fmt"
	"io"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
)

// Write writes the document as a comment for a pull request, in at most 60,000
// bytes. What does not fit is left out from the end, and the text says so.
func Write(w io.Writer, d view.Document) error {
	m := comment{}
	m.b.WriteString(marker)
	if d.Reference != "" {
		m.versions(d)
	} else {
		m.judgment(d)
	}
	_, err := io.WriteString(w, strings.TrimRight(m.b.String(), "\n")+"\n")
	return err
}

// versions writes what versions cost beside the reference.
func (m *comment) versions(d view.Document) {
	changed, unchanged := d.Ranked()
	fmt.Fprintf(&m.b, "### %s fanout-bench: %s\n\n", emoji(d.Verdict()), prose(d.Sentence()))
	fmt.Fprintf(&m.b, "Baseline: %s. SQL statements and RBAC checks of one request; N is what grows in a scenario, "+
		"avoidable is a statement that repeats an earlier one with equal arguments.\n\n", code(d.Against))
	m.reserve = 200 // for what tells of what is left out
	rest := ""
	summary := fmt.Sprintf("%d series as in the baseline", len(unchanged))
	folded := comment{reserve: limit - unchangedLimit + len(details(summary, ""))}
	folded.table(unchanged)
	if folded.b.Len() > 0 {
		rest = details(summary, folded.b.String()) + "\n"
	}
	rest += firstRuns(d)
	m.reserve += len(rest)
	m.table(changed)
	charts(m, changed)
	for _, r := range changed {
		if r.Finding.Fails() && r.Scenario == r.Finding.Scenario {
			m.block(finding(d, *r.Finding))
		}
	}
	m.b.WriteString(rest)
	m.leftOut()
}

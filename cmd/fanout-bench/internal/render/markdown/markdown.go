// Package markdown renders a report as a comment for a pull request.
package markdown

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Write writes the document as a comment for a pull request, in at most 60,000
// bytes. What does not fit is left out from the end, and the text says so.
func Write(w io.Writer, d view.Document) error {
	changed, unchanged := d.Ranked()
	m := comment{}
	m.b.WriteString(marker)
	fmt.Fprintf(&m.b, "### %s fanout-bench: %s\n\n", emoji(d.Verdict()), prose(d.Sentence()))
	fmt.Fprintf(&m.b, "Baseline: %s. SQL statements and RBAC checks of one request; N is what grows in a scenario, "+
		"avoidable is a statement that repeats an earlier one with equal arguments.\n\n", code(d.Against))
	footer := accepting(d, changed)
	m.reserve = len(footer) + 200 // and for what tells of what is left out

	rest := ""
	summary := fmt.Sprintf("%d series as in the baseline", len(unchanged))
	folded := comment{reserve: limit - unchangedLimit + len(details(summary, ""))}
	folded.table(unchanged)
	if folded.b.Len() > 0 {
		rest = details(summary, folded.b.String()) + "\n"
	}
	if notes := findings.FirstRunNotes(d.Measured); len(notes) > 0 {
		first := comment{reserve: folded.reserve + len(rest)}
		first.firstRuns(notes)
		rest += details("First runs that cost otherwise than the later ones, which are what counts", first.b.String()) + "\n"
	}
	m.reserve += len(rest)
	m.unmeasured(d.Unmeasured)
	m.table(changed)
	charts(&m, changed)
	for _, r := range changed {
		if r.Finding.Fails() && r.Scenario == r.Finding.Scenario {
			m.block(finding(d, *r.Finding))
		}
	}
	m.b.WriteString(rest)
	if m.dropped > 0 {
		fmt.Fprintf(&m.b, "Left out, as comments have a limit: %s. The page that 'fanout-bench report --format html' writes has all.\n\n",
			term.Count(m.dropped, "further part", "further parts"))
	}
	m.b.WriteString(footer)
	_, err := io.WriteString(w, strings.TrimRight(m.b.String(), "\n")+"\n")
	return err
}

func (m *comment) unmeasured(list []findings.Unmeasured) {
	if len(list) == 0 {
		return
	}
	var rows []string
	for _, u := range list {
		rows = append(rows, row(code(u.Version), code(u.Scenario), prose(u.Reason)))
	}
	m.b.WriteString("Nothing is known of what could not be measured.\n\n")
	m.rows(header("not measured", "scenario", "why"), rows)
}

func (m *comment) firstRuns(notes []findings.FirstRunNote) {
	var rows []string
	for _, note := range notes {
		rows = append(rows, row(code(note.Version), code(note.Scenario), prose(note.Text)))
	}
	m.rows(header("version", "scenario", ""), rows)
}

// table writes a row for each series.
func (m *comment) table(series []view.Ranked) {
	var rows []string
	for _, r := range series {
		rows = append(rows, tableRow(r))
	}
	m.rows(header("", "version", "scenario", "N:", "SQL:", "RBAC:", "SQL over N", "RBAC over N", "avoidable:"), rows)
}

func tableRow(r view.Ranked) string {
	n := view.At(r.SeriesDiff)
	return row(remark(r), code(r.Version), code(r.Scenario), r.AtN(),
		view.ChangeAt(r.Metrics[tracer.SQL], n), view.ChangeAt(r.Metrics[tracer.RBAC], n),
		view.Law(r.Metrics[tracer.SQL]), view.Law(r.Metrics[tracer.RBAC]), view.ChangeAt(view.Avoidable(r.SeriesDiff), n))
}

// remark is the verdict as a sign and a word.
func remark(r view.Ranked) string {
	switch {
	case r.Finding == nil:
		return "same"
	case r.Failure != "":
		return emoji("regression") + " OUTCOME: " + code(r.HeadOutcome) + ", " + code(r.Failure)
	case r.Verdict == report.NotCompared:
		return emoji("regression") + " OUTCOME: " + code(r.BaseOutcome) + " → " + code(r.HeadOutcome)
	case r.Verdict == report.Worse:
		return emoji("regression") + " " + findings.Mark(*r.Finding, term.Style{})
	case r.Verdict == report.Better:
		return emoji("improved") + " better"
	case r.Verdict == report.Added, r.Verdict == report.Missing:
		return emoji("outdated") + " " + string(r.Verdict)
	default:
		return findings.Mark(*r.Finding, term.Style{})
	}
}

// emoji is a sign for a verdict, which never stands without a word.
func emoji(verdict string) string {
	switch verdict {
	case "regression":
		return "❌"
	case "blind", "unmeasured", "outdated":
		return "⚠️"
	default:
		return "✅"
	}
}

// accepting says how to accept on purpose what fails the gate.
func accepting(d view.Document, changed []view.Ranked) string {
	if d.Advice.Accept == nil {
		return ""
	}
	var commands []string
	for _, r := range changed {
		command := d.Advice.Update
		switch {
		case r.Failure != "": // no baseline takes it
			continue
		case r.Finding.Fails():
			command = d.Advice.For(*r.Finding)
		case r.Verdict == report.Missing && r.Finding.Gone:
			command = d.Advice.Prune
		case r.Verdict == report.Missing:
			command = "# " + d.Advice.Prune
		case r.Verdict != report.Added:
			continue
		}
		const longest = 1000
		if len(command) > longest {
			command = "fanout-bench accept --reason '…'"
		}
		if !slices.Contains(commands, command) {
			commands = append(commands, command)
		}
	}
	if len(commands) == 0 {
		return ""
	}
	const most = 10
	if more := len(commands) - most; more > 0 {
		commands = append(commands[:most], fmt.Sprintf("# and %d more", more))
	}
	return "If it is meant and worth it, accept it and commit the baseline:\n\n" + fenced("sh", strings.Join(commands, "\n")) + "\n"
}

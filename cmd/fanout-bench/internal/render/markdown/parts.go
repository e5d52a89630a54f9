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

// accepted says why costs in the baseline were accepted: a line for each reason.
func accepted(d view.Document) string {
	list := d.Accepted()
	var b strings.Builder
	for _, a := range list[:min(len(list), findings.MaxShown)] {
		var names []string
		for _, name := range a.Series[:min(len(a.Series), findings.MaxShown)] {
			names = append(names, code(name))
		}
		if more := len(a.Series) - len(names); more > 0 {
			names = append(names, fmt.Sprintf("%d more", more))
		}
		fmt.Fprintf(&b, "The cost of %s was accepted: %s\n\n", strings.Join(names, ", "), prose(a.Reason))
	}
	if more := len(list) - findings.MaxShown; more > 0 {
		fmt.Fprintf(&b, "The page has %s why costs were accepted.\n\n", term.Count(more, "more reason", "more reasons"))
	}
	return b.String()
}

// firstRuns is a folded part about first runs that cost otherwise than the later ones.
func firstRuns(d view.Document) string {
	var rows []string
	for _, note := range findings.FirstRunNotes(d.Measured) {
		rows = append(rows, row(code(note.Version), code(note.Scenario), prose(note.Text)))
	}
	if len(rows) == 0 {
		return ""
	}
	first := comment{reserve: limit - unchangedLimit/2}
	first.rows(header("version", "scenario", ""), rows)
	return details("First runs that cost otherwise than the later ones, which are what counts", first.b.String()) + "\n"
}

// table writes a row for each series. Columns in which there is nothing are left out.
func (m *comment) table(d view.Document, series []view.Ranked) {
	titles := []string{"", "version", "scenario", "N:", "SQL:", "RBAC:", "SQL over N", "RBAC over N", "repeated:"}
	var rows [][]string
	for _, r := range series {
		n := view.At(r.SeriesDiff)
		verdict := remark(r)
		if d.Against == "" {
			verdict = ""
		}
		rows = append(rows, []string{verdict, code(r.Version), code(r.Scenario), r.AtN,
			view.ChangeAt(r.SeriesDiff, r.Metrics[tracer.SQL], n), view.ChangeAt(r.SeriesDiff, r.Metrics[tracer.RBAC], n),
			view.Law(r.Metrics[tracer.SQL]), view.Law(r.Metrics[tracer.RBAC]), view.ChangeAt(r.SeriesDiff, view.Repeated(r.SeriesDiff), n)})
	}
	m.columns(titles, rows, map[string]bool{"version": true})
}

// columns writes a table without the columns that are empty, and those of same that have one
// value.
func (m *comment) columns(titles []string, rows [][]string, same map[string]bool) {
	if len(rows) == 0 {
		return
	}
	var kept []int
	for c, title := range titles {
		empty, alike := true, true
		for _, row := range rows {
			empty = empty && (row[c] == "" || row[c] == "0" || row[c] == findings.Failed(""))
			alike = alike && row[c] == rows[0][c]
		}
		if !empty && (!alike || !same[title]) {
			kept = append(kept, c)
		}
	}
	pick := func(cells []string) []string {
		var list []string
		for _, c := range kept {
			list = append(list, cells[c])
		}
		return list
	}
	var lines []string
	for _, cells := range rows {
		lines = append(lines, row(pick(cells)...))
	}
	m.rows(header(pick(titles)...), lines)
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

// accepting says how to accept on purpose what is not as in the baseline.
func accepting(d view.Document) string {
	commands := d.Advice.Commands(d.Judgment)
	add := func(command string) {
		if command != "" && !slices.Contains(commands, command) {
			commands = append(commands, command)
		}
	}
	for _, f := range d.Findings {
		switch {
		case f.Verdict == report.Missing && f.Gone:
			add(d.Advice.Prune)
		case f.Verdict == report.Missing && d.Advice.Prune != "":
			add("# " + d.Advice.Prune)
		case f.Verdict == report.Added && f.Failure == "", d.Verdict() == "improved" && f.Verdict == report.Better:
			add(d.Advice.Update)
		}
	}
	if len(commands) == 0 {
		return ""
	}
	for i, command := range commands {
		const longest = 1000
		if len(command) > longest {
			before, _, ofTests := strings.Cut(command, " -- ")
			if len(before) > longest {
				before = "fanout-bench accept --reason '…'"
			}
			if ofTests {
				before += " -- COMMAND"
			}
			commands[i] = before
		}
	}
	summary := "Accept it if it is meant, and commit the baseline"
	if !slices.ContainsFunc(commands, func(command string) bool { return !strings.HasPrefix(command, "#") }) {
		summary = "If it is meant" // there is nothing to run
	}
	return details(summary, fenced("sh", strings.Join(commands, "\n"))) + "\n"
}

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const (
	// markdownLimit is the most bytes of a report. GitHub says that a comment holds
	// 65,536 characters.
	markdownLimit = 60_000
	// unchangedLimit is how much of that goes to what is as in the baseline.
	unchangedLimit = 15_000
	// markdownMarker is how a later report finds the comment that it replaces.
	markdownMarker = "<!-- fanout-bench:comment v1 key=default -->\n"
)

// Markdown writes the document as a comment for a pull request, in at most 60,000
// bytes. What does not fit is left out from the end, and the text says so.
func (d Document) Markdown(w io.Writer) error {
	changed, unchanged := d.ranked()
	m := markdown{}
	m.b.WriteString(markdownMarker)
	fmt.Fprintf(&m.b, "### %s fanout-bench: %s\n\n", emoji(d.Verdict()), prose(d.Sentence()))
	fmt.Fprintf(&m.b, "Baseline: %s. SQL statements and RBAC checks of one request; N is what grows in a scenario, "+
		"avoidable is a statement that repeats an earlier one with equal arguments.\n\n", code(d.Against))
	footer := d.acceptMarkdown(changed)
	m.reserve = len(footer) + 200 // and for what tells of what is left out

	rest := markdown{reserve: markdownLimit - unchangedLimit}
	if len(unchanged) > 0 {
		rest.wrapped(fmt.Sprintf("%d series as in the baseline", len(unchanged)), func(inner *markdown) { inner.table(unchanged) })
	}
	m.reserve += rest.b.Len()
	m.unmeasured(d.Unmeasured)
	m.table(changed)
	d.charts(&m, changed)
	for _, r := range changed {
		if r.finding.Fails() && r.Scenario == r.finding.Scenario {
			m.block(d.findingMarkdown(*r.finding))
		}
	}
	m.b.WriteString(rest.b.String())
	if m.dropped > 0 {
		fmt.Fprintf(&m.b, "Left out, as comments have a limit: %s. The page that 'fanout-bench report --format html' writes has all.\n\n",
			term.Count(m.dropped, "further part", "further parts"))
	}
	m.b.WriteString(footer)
	_, err := io.WriteString(w, strings.TrimRight(m.b.String(), "\n")+"\n")
	return err
}

// A markdown is a report while it is written, with room for reserve bytes more.
type markdown struct {
	b       strings.Builder
	reserve int
	dropped int // parts that did not fit
}

func (m *markdown) room() int { return markdownLimit - m.reserve - m.b.Len() }

// block writes a part and the blank line after it, if it fits.
func (m *markdown) block(text string) {
	if text == "" {
		return
	}
	if len(text)+1 > m.room() {
		m.dropped++
		return
	}
	m.b.WriteString(text + "\n")
}

// rows writes a table of as many rows as fit, and says how many do not.
func (m *markdown) rows(header string, rows []string) {
	const more = 100 // for the line that says so
	if len(rows) == 0 {
		return
	}
	if len(header)+len(rows[0])+more > m.room() {
		m.dropped++
		return
	}
	m.b.WriteString(header)
	for i, row := range rows {
		if len(row)+more > m.room() {
			fmt.Fprintf(&m.b, "\nand %d more\n", len(rows)-i)
			break
		}
		m.b.WriteString(row)
	}
	m.b.WriteString("\n")
}

// wrapped writes what write does as a block that is folded.
func (m *markdown) wrapped(summary string, write func(*markdown)) {
	inner := markdown{reserve: markdownLimit - m.room() + len(details(summary, "")) + 1}
	write(&inner)
	m.dropped += inner.dropped
	if inner.b.Len() > 0 {
		m.block(details(summary, inner.b.String()))
	}
}

func (m *markdown) unmeasured(cells []scenarios.Cell) {
	if len(cells) == 0 {
		return
	}
	var rows []string
	for _, cell := range cells {
		rows = append(rows, markdownRow(code(cell.Version), code(cell.Scenario), fmt.Sprint(cell.N)))
	}
	m.b.WriteString("Nothing is known of cells that could not be measured; the log says why.\n\n")
	m.rows(markdownHeader("not measured", "scenario", "N:"), rows)
}

// table writes a row for each series.
func (m *markdown) table(series []ranked) {
	var rows []string
	for _, r := range series {
		rows = append(rows, r.markdown())
	}
	m.rows(markdownHeader("", "version", "scenario", "N:", "SQL:", "RBAC:", "SQL over N", "RBAC over N", "avoidable:"), rows)
}

func (r ranked) markdown() string {
	n := r.at()
	return markdownRow(r.remark(), code(r.Version), code(r.Scenario), r.n(),
		r.Metrics[tracer.SQL].changeAt(n), r.Metrics[tracer.RBAC].changeAt(n),
		law(r.Metrics[tracer.SQL]), law(r.Metrics[tracer.RBAC]), r.avoidable().changeAt(n))
}

// remark is the verdict as a sign and a word.
func (r ranked) remark() string {
	switch {
	case r.finding == nil:
		return "same"
	case r.Verdict == NotCompared:
		return emoji("regression") + " OUTCOME: " + code(r.BaseOutcome) + " → " + code(r.HeadOutcome)
	case r.Verdict == Worse:
		return emoji("regression") + " " + r.finding.mark(term.Style{})
	case r.Verdict == Better:
		return emoji("improved") + " better"
	case r.Verdict == Added, r.Verdict == Missing:
		return emoji("outdated") + " " + string(r.Verdict)
	default:
		return r.finding.mark(term.Style{})
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

// acceptMarkdown says how to accept on purpose what fails the gate.
func (d Document) acceptMarkdown(changed []ranked) string {
	if !d.Accepted {
		return ""
	}
	var commands []string
	for _, r := range changed {
		command := "fanout-bench accept"
		switch {
		case r.finding.Fails():
			command = r.finding.AcceptCommand()
		case r.Verdict == Missing && r.finding.accept != "":
			command = "# " + notRun
		case r.Verdict == Added && r.finding.accept != "":
			command = r.finding.accept
		case r.Verdict == Missing:
			command += " --prune"
		case r.Verdict != Added:
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

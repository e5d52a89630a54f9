package report

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const (
	// markdownLimit is the most bytes of a report. GitHub says that a comment holds
	// 65,536 characters.
	markdownLimit = 60_000
	// unchangedLimit is how much of that goes to what is as in the baseline.
	unchangedLimit = 15_000
	// maxCharts keeps a report that one glance should do for short.
	maxCharts = 3
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
			count(m.dropped, "further part", "further parts"))
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
		return emoji("regression") + " " + r.finding.mark(Style{})
	case r.Verdict == Better:
		return emoji("improved") + " better"
	case r.Verdict == New, r.Verdict == Missing:
		return emoji("outdated") + " " + string(r.Verdict)
	default:
		return r.finding.mark(Style{})
	}
}

// emoji is a sign for a verdict, which never stands without a word.
func emoji(verdict string) string {
	switch verdict {
	case "regression":
		return "❌"
	case "unmeasured", "outdated":
		return "⚠️"
	default:
		return "✅"
	}
}

// changeAt is "13 → 26" at n, or the one count there is.
func (g GrowthDiff) changeAt(n int) string {
	base, head, _ := g.counts(n)
	return change(base, head)
}

// law is how the count grows, before and now. It is empty where there is nothing
// to grow with.
func law(g GrowthDiff) string {
	if len(g.Base.Points) < 2 && len(g.Head.Points) < 2 {
		return ""
	}
	if g.Base.String() == g.Head.String() {
		return g.Head.String()
	}
	return g.arrow()
}

// findingMarkdown is a block about one regression: what changed, and where it comes
// from.
func (d Document) findingMarkdown(f Finding) string {
	var b strings.Builder
	if len(f.Also) > 0 {
		var names []string
		for _, name := range f.Also {
			names = append(names, code(name))
		}
		fmt.Fprintf(&b, "The same in %s.\n\n", strings.Join(names, ", "))
	}
	n := f.at()
	var rows []string
	for _, c := range f.Causes[:min(len(f.Causes), maxCauses)] {
		kind, repeats := "statement", ""
		if c.Check {
			kind = "check"
		}
		if count := c.Repeats.last(); count > 0 {
			repeats = fmt.Sprintf("%d of %d", count, c.Head.last())
		}
		rows = append(rows, markdownRow(kind, code(c.Name), c.changeAt(n), law(c.GrowthDiff), repeats))
	}
	if len(rows) > 0 {
		title := "count:"
		if f.Unit != "" {
			title = fmt.Sprintf("at N=%d:", n)
		}
		b.WriteString(markdownHeader("", "what changed", title, "over N", "repeats:") + strings.Join(rows, ""))
		if more := len(f.Causes) - maxCauses; more > 0 {
			fmt.Fprintf(&b, "\nand %d more\n", more)
		}
		b.WriteString("\n")
	}
	b.WriteString(d.treeMarkdown(f))
	return details(code(f.Subject())+": "+prose(f.Headline()), b.String())
}

// treeMarkdown is the call tree as a diff: against the baseline's if that was kept,
// else with a plus where more is asked for.
func (d Document) treeMarkdown(f Finding) string {
	cell := f.cell()
	base, head := d.trees(cell)
	if head == nil || len(head.Roots) == 0 {
		return ""
	}
	var text strings.Builder
	var err error
	if base != nil {
		err = DiffTrees(*base, *head).Text(&text, Style{})
	} else {
		err = f.grownTree(&text, *head)
	}
	if err != nil { // a strings.Builder has none
		return ""
	}
	where := ""
	if f.Unit != "" {
		where = fmt.Sprintf(", at N=%d", cell.N)
	}
	return "Who asks" + where + ":\n\n" + fenced("diff", text.String())
}

// grownTree writes head with a plus where more is asked for than in the baseline,
// and a minus before what is asked for no more.
func (f Finding) grownTree(w io.Writer, head Tree) error {
	var lines []treeLine
	grown := map[*Node]bool{}
	for n, stack := range head.events() {
		for _, c := range f.Causes {
			grown[n] = grown[n] || c.Name == n.Name && c.Check == (n.Kind == tracer.Check) && compareGrowth(c.Base, c.Head) == Worse &&
				slices.ContainsFunc(c.growing(), func(caller Caller) bool { return slices.Equal(caller.Stack, stack) })
		}
	}
	more := func(n *Node) bool { return grown[n] }
	for _, root := range head.Roots {
		lines = treeLines(lines, root, "", "", more)
	}
	for _, c := range f.Causes {
		base, now, _ := c.counts(head.Cell.N)
		if base > 0 && now == 0 {
			kind := tracer.Query
			if c.Check {
				kind = tracer.Check
			}
			lines = append(lines, treeLine{sign: "-", label: []string{(&Node{Kind: kind, Name: c.Name}).title()}, mark: repeated(base)})
		}
	}
	return writeTree(w, Style{}, lines)
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
			command = r.finding.Accept()
		case r.Verdict == Missing:
			command += " --prune"
		case r.Verdict != New:
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

// count is "1 part" or "3 parts".
func count(n int, singular, plural string) string {
	if n == 1 {
		return "1 " + singular
	}
	return fmt.Sprintf("%d %s", n, plural)
}

// charts writes how the worst changes grow with N, as a drawing and in numbers.
func (d Document) charts(m *markdown, changed []ranked) {
	shown := 0
	for _, r := range changed {
		f := r.finding
		if shown == maxCharts || r.Scenario != f.Scenario || r.Verdict != Worse && r.Verdict != Better || len(f.N) < 2 {
			continue
		}
		metric := tracer.SQL
		if main := f.Main(); len(main) > 0 {
			metric = main[0]
		}
		if chart := f.chart(metric); chart != "" {
			m.block(chart)
			shown++
		}
	}
}

// chart draws one metric over N. Nothing of the program under test is in the
// drawing: its language has no escapes that all of its versions know.
func (f Finding) chart(m tracer.Metric) string {
	pairs := common(f.Metrics[m].Base, f.Metrics[m].Head)
	var ns, base, head []string
	highest := 1
	for _, p := range pairs {
		ns = append(ns, fmt.Sprint(p.n))
		base, head = append(base, fmt.Sprint(p.base)), append(head, fmt.Sprint(p.head))
		highest = max(highest, p.base, p.head)
	}
	// A drawing has no legend: it takes a place where the two lines differ.
	apart, measured := pair{}, ""
	for _, p := range pairs {
		switch {
		case p.head > p.base:
			apart, measured = p, "higher"
		case p.head < p.base:
			apart, measured = p, "lower"
		}
	}
	if measured == "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s over N. The line that is %s at N=%d is what was measured, the other the baseline.\n\n",
		code(f.Subject()), title(m), measured, apart.n)
	fmt.Fprintf(&b, "```mermaid\nxychart-beta\n    x-axis \"N\" [%s]\n    y-axis \"%s\" 0 --> %d\n    line [%s]\n    line [%s]\n```\n\n",
		strings.Join(ns, ", "), words.ReplaceAllString(title(m), " "), highest, strings.Join(base, ", "), strings.Join(head, ", "))
	header := append([]string{"N"}, ns...)
	for i := range ns {
		header[i+1] += ":"
	}
	b.WriteString(markdownHeader(header...) + markdownRow(append([]string{"baseline"}, base...)...) + markdownRow(append([]string{"measured"}, head...)...))
	return b.String()
}

var words = regexp.MustCompile(`[^A-Za-z]+`)

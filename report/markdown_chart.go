package report

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/fanout-bench/fanout-bench/tracer"
)

// maxCharts keeps a report that one glance should do for short.
const maxCharts = 3

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
	pairs := f.Metrics[m].Pairs()
	var ns, base, head []string
	highest := 1
	for _, p := range pairs {
		ns = append(ns, fmt.Sprint(p.N))
		base, head = append(base, fmt.Sprint(p.Base)), append(head, fmt.Sprint(p.Head))
		highest = max(highest, p.Base, p.Head)
	}
	// A drawing has no legend: it takes a place where the two lines differ.
	apart, measured := Pair{}, ""
	for _, p := range pairs {
		switch {
		case p.Head > p.Base:
			apart, measured = p, "higher"
		case p.Head < p.Base:
			apart, measured = p, "lower"
		}
	}
	if measured == "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s over N. The line that is %s at N=%d is what was measured, the other the baseline.\n\n",
		code(f.Subject()), title(m), measured, apart.N)
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

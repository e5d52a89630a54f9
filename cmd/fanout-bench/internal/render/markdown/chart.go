package markdown

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// maxCharts keeps a report that one glance should do for short.
const maxCharts = 3

// charts writes how the worst changes grow with N, as a drawing and in numbers.
func charts(m *comment, changed []view.Ranked) {
	shown := 0
	for _, r := range changed {
		f := r.Finding
		if shown == maxCharts || r.Scenario != f.Scenario || r.Verdict != report.Worse && r.Verdict != report.Better || len(f.N) < 2 {
			continue
		}
		metric := tracer.SQL
		if main := f.Main(); len(main) > 0 {
			metric = main[0]
		}
		if chart := chart(*f, metric); chart != "" {
			m.block(chart)
			shown++
		}
	}
}

// chart draws one metric over N. Nothing of the program under test is in the
// drawing: its language has no escapes that all of its versions know.
func chart(f findings.Finding, m tracer.Metric) string {
	before, after := f.Metrics[m].Common()
	var ns, base, head []string
	highest := 1
	// A drawing has no legend: it takes a place where the two lines differ.
	apart, measured := 0, ""
	for i, b := range before {
		h := after[i]
		ns = append(ns, fmt.Sprint(b.N))
		base, head = append(base, fmt.Sprint(b.Count)), append(head, fmt.Sprint(h.Count))
		highest = max(highest, b.Count, h.Count)
		switch {
		case h.Count > b.Count:
			apart, measured = b.N, "higher"
		case h.Count < b.Count:
			apart, measured = b.N, "lower"
		}
	}
	if measured == "" {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s over N. The line that is %s at N=%d is what was measured, the other the baseline.\n\n",
		code(f.Subject()), findings.Title(m), measured, apart)
	fmt.Fprintf(&b, "```mermaid\nxychart-beta\n    x-axis \"N\" [%s]\n    y-axis \"%s\" 0 --> %d\n    line [%s]\n    line [%s]\n```\n\n",
		strings.Join(ns, ", "), words.ReplaceAllString(findings.Title(m), " "), highest, strings.Join(base, ", "), strings.Join(head, ", "))
	titles := append([]string{"N"}, ns...)
	for i := range ns {
		titles[i+1] += ":"
	}
	b.WriteString(header(titles...) + row(append([]string{"baseline"}, base...)...) + row(append([]string{"measured"}, head...)...))
	return b.String()
}

var words = regexp.MustCompile(`[^A-Za-z]+`)

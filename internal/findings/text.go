// Package findings tells people of a judgment, in a terminal or in the message of a test.
package findings

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// Write writes the judgment for a terminal of 100 columns: what differs in each
// scenario, an explanation of each difference, and the verdict in a sentence.
func Write(w io.Writer, j Judgment, a Advice, style term.Style) error {
	var rows [][]string
	for _, f := range j.Findings {
		for _, scenario := range f.Scenarios() {
			rows = append(rows, []string{Mark(f, style), term.Printable(f.Version+" "+scenario, 2*term.NameWidth), term.Span(f.N),
				f.Metrics[tracer.SQL].String(), f.Metrics[tracer.RBAC].String()})
		}
	}
	if len(rows) > 0 {
		writeTable(w, []string{"", "scenario", "N", "SQL", "RBAC"}, rows)
		fmt.Fprintln(w)
	}
	for _, f := range j.Findings {
		if f.Fails() || f.Verdict == report.Same {
			WriteOne(w, f, a, style)
			fmt.Fprintln(w)
		}
	}
	for _, u := range j.Unmeasured {
		fmt.Fprintln(w, term.Printable(u.String(), 0))
	}
	if len(j.Unmeasured) > 0 {
		fmt.Fprintln(w)
	}
	_, err := fmt.Fprintln(w, term.Printable(j.Sentence(), 0))
	return err
}

// WriteOne writes the finding as a block of lines that can be read, and found by
// searching, alone.
func WriteOne(w io.Writer, f Finding, a Advice, style term.Style) {
	line := func(label, text string) { fmt.Fprintf(w, "  %-11s %s\n", label, text) }
	fmt.Fprintf(w, "%s %s: %s\n", Mark(f, style), style.Paint(term.Bold, term.Printable(f.Subject(), 2*term.NameWidth)), term.Printable(f.Headline(), 0))
	for _, m := range f.Main() {
		g := f.Metrics[m]
		expected := Title(m) + " " + g.Base.String() + at(g, g.Base)
		if b := f.Budgets[m]; b.Exceeded(g.Head) {
			expected = fmt.Sprintf("%s at most %s, the budget: %s", Title(m), Limit(b, f.UnitOrN()), b.Reason)
		}
		line("expected", term.Printable(expected, 0))
		line("measured", Title(m)+" "+g.Head.String()+at(g, g.Head))
		line("difference", difference(f, m))
	}
	for _, c := range f.Causes[:min(len(f.Causes), MaxCauses)] {
		writeCause(w, c, line)
	}
	if more := len(f.Causes) - MaxCauses; more > 0 {
		line("", fmt.Sprintf("and %d more", more))
	}
	if len(f.Also) > 0 {
		line("also in", term.Printable(strings.Join(f.Also, ", "), 0))
	}
	if !f.Fails() || a.Accept == nil {
		return
	}
	if f.Failure != "" {
		line("what to do", "have it end as it is to; that it does not cannot be accepted")
		return
	}
	line("what to do", "take it back, or if it is meant and worth it:")
	command := a.For(f)
	if command == a.Widen {
		command += ", with a wider limit"
	}
	line("", term.Printable(command, 0))
	if a.Explain != nil {
		line("", "The whole request: "+a.Explain(f))
	}
}

// These keep one bad commit from filling a screen.
const (
	MaxCauses  = 8
	maxCallers = 3
)

// at says what the largest N costs, where a law or a list of counts does not.
func at(diff report.GrowthDiff, g report.Growth) string {
	n, _, _, ok := largest(diff)
	i := slices.IndexFunc(g.Points, func(p report.Point) bool { return p.N == n })
	if !ok || i < 0 || g.Law.Shape == report.Constant || g.Law.Shape == report.Unknown || g.Law.Shape == report.Plateau && n >= g.Law.From {
		return ""
	}
	return fmt.Sprintf(", which is %d at N=%d", g.Points[i].Count, n)
}

func difference(f Finding, m tracer.Metric) string {
	g := f.Metrics[m]
	var parts []string
	if b := f.Budgets[m]; b.Max != nil {
		most := slices.MaxFunc(g.Head.Points, func(a, b report.Point) int { return cmp.Compare(a.Count, b.Count) })
		if over := most.Count - *b.Max; over > 0 {
			parts = append(parts, fmt.Sprintf("%+d over the budget", over))
		}
	}
	n, from, to, ok := largest(g)
	switch {
	case !ok, to == from && len(parts) > 0: // it is as it was, and over the budget
	case f.Unit != "":
		parts = append(parts, fmt.Sprintf("%+d at N=%d", to-from, n))
	default:
		parts = append(parts, fmt.Sprintf("%+d", to-from))
	}
	before, beforeOK := g.Base.Rate()
	after, afterOK := g.Head.Rate()
	if beforeOK && afterOK && after != before {
		parts = append(parts, fmt.Sprintf("%+d per %s", after-before, term.Printable(f.UnitOrN(), term.NameWidth)))
	}
	if m == tracer.SQL {
		var alike []string
		for _, other := range f.Worse {
			if !slices.Contains(f.Main(), other) {
				alike = append(alike, Title(other))
			}
		}
		if len(alike) > 0 {
			parts = append(parts, strings.Join(alike, " and ")+" alike")
		}
	}
	return strings.Join(parts, ", ")
}

// writeCause writes the cause, and who asks for it where it became more.
func writeCause(w io.Writer, c Cause, line func(label, text string)) {
	label := "statement"
	if c.Check {
		label = "check"
	}
	name, text := term.Printable(c.Name, term.StatementWidth), c.String()
	if n, from, to, ok := largest(c.GrowthDiff); ok && to != from {
		text += fmt.Sprintf(", %+d", to-from)
		if n > 0 {
			text += fmt.Sprintf(" at N=%d", n)
		}
	}
	if len(name) > 60 {
		line(label, name)
		line("", text)
	} else {
		line(label, name+"  "+text)
	}
	if c.Verdict() != report.Worse {
		return
	}
	for _, text := range alike(c) {
		line("", text)
	}
	callers := c.Growing()
	for i, caller := range callers {
		if i == maxCallers {
			line("", fmt.Sprintf("and from %d more places", len(callers)-i))
			break
		}
		if len(caller.Stack) == 0 {
			line("", times(caller.Growth)+", from where is not known")
			continue
		}
		line("", times(caller.Growth)+" from")
		for depth, frame := range caller.Stack {
			fmt.Fprintf(w, "%*s%s %s\n", 16+2*min(depth, 8), "", term.Printable(frame.Name(), term.NameWidth), term.Printable(frame.Site(), 0))
		}
	}
}

// alike says how many of the head's did what one before did.
func alike(c Cause) []string {
	same, other := "with equal arguments", "with other arguments"
	if c.Check {
		same, other = "on the same object", "on another object"
	}
	total := Last(c.Head)
	if len(c.Callers) == 0 || total < 2 {
		return nil
	}
	var list []string
	say := func(n int, what string) {
		if n > 0 {
			list = append(list, fmt.Sprintf("%d of the %d %s", n, total, what))
		}
	}
	say(Last(c.Repeats), "repeat one before "+same)
	for _, reason := range calltree.Hindrances() {
		say(c.Equal[reason], "equal one before, not avoidable: "+hindrances[reason])
	}
	say(c.Opaque, "cannot be compared")
	if list == nil {
		return []string{fmt.Sprintf("each of the %d %s", total, other)}
	}
	return list
}

var hindrances = map[tracer.Repeat]string{
	tracer.WritesAgain:  "it writes",
	tracer.LocksAgain:   "it locks",
	tracer.AfterWrite:   "a write lies between",
	tracer.AfterFailure: "one of the two failed",
}

func times(g report.Growth) string {
	switch s := g.String(); {
	case s == "1":
		return "once"
	case g.Law.Shape == report.Irregular || g.Law.Shape == report.Plateau:
		last := g.Points[len(g.Points)-1]
		return fmt.Sprintf("%d times at N=%d", last.Count, last.N)
	default:
		return s + " times"
	}
}

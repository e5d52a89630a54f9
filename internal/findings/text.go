// Package findings describes a judgment for people, in a terminal or in the message of a test.
package findings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/index"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const (
	// MaxShown is how many causes, and how many findings of a kind, are shown by default.
	MaxShown = 3
	// MaxChanges keeps one bad commit from filling a screen.
	MaxChanges = 8
	columns    = 80
)

// Text returns the judgment for a terminal of 80 columns: the verdict in a sentence, the causes,
// other differences, and what to do. It shows only the first of many, unless all is set.
func Text(j Judgment, a Advice, style term.Style, all bool) string {
	t := text{style: style, all: all, hint: a.Details}
	verdict := ""
	if len(j.Failing()) > 0 {
		verdict = style.Paint(term.Red, "REGRESSION") + "  "
	}
	t.wrapped(verdict, printable(strings.Split(j.Sentence(), "; ")), ";")
	shown := t.first(len(j.Causes))
	for _, c := range j.Causes[:shown] {
		t.line("")
		t.cause(c)
	}
	t.more(len(j.Causes)-shown, "cause", "causes")
	t.unplaced(j)
	for i, u := range j.Unmeasured {
		if i == 0 {
			t.line("")
		}
		t.line(term.Printable(u.String(), 0))
	}
	t.advice(j, a)
	return t.String()
}

// A text is written line by line.
type text struct {
	strings.Builder
	style term.Style
	all   bool
	hint  string
}

func (t *text) line(line string) { t.WriteString(line + "\n") }

// first returns how many of n to show.
func (t *text) first(n int) int {
	if t.all {
		return n
	}
	return min(n, MaxShown)
}

func (t *text) more(n int, singular, plural string) {
	if n > 0 {
		t.line(strings.TrimRight("and "+term.Count(n, "more "+singular, "more "+plural)+" "+t.hint, " "))
	}
}

// few returns the first of list, and how many more there are, in the words of more.
func (t *text) few(list []string, more string) []string {
	shown := t.first(len(list))
	if shown == len(list) {
		return list
	}
	return append(list[:shown:shown], fmt.Sprintf(more, len(list)-shown))
}

// wrapped writes printable parts with between between them, in lines of which the first begins
// with first and the others are indented.
func (t *text) wrapped(first string, parts []string, between string) {
	line := first + parts[0]
	for _, part := range parts[1:] {
		line += between
		if term.Width(line)+1+term.Width(part) > columns {
			t.line(line)
			line = "   "
		}
		line += " " + part
	}
	t.line(line)
}

// cause writes a cause: where, what, how much, and what else.
func (t *text) cause(c Cause) {
	place, way := term.Printable(c.Site(), 0), term.Printable(c.Way(), columns-4)
	if term.Width(place)+3+term.Width(way) <= columns {
		t.line(t.style.Paint(term.Bold, place) + "   " + way)
	} else {
		t.line(t.style.Paint(term.Bold, place))
		t.line("    " + way)
	}
	var asks, from []string
	for _, a := range c.Asks {
		asks = append(asks, a.More(term.Printable(c.Unit(), term.NameWidth))+": "+term.Printable(a.Name, term.StatementWidth))
	}
	t.wrapped("  ", t.few(asks, "and %d more"), ";")
	if remedy := c.Asks[0].Remedy(); remedy != "" {
		t.line("  " + remedy)
	}
	for _, f := range c.From {
		from = append(from, nameAndSite(f))
	}
	if len(from) > 0 {
		t.wrapped("  called from ", t.few(from, "and %d more places"), ",")
	}
	t.costs("worst: ", c.Findings[0])
	t.capacity(c.Findings[0])
	if t.all {
		for _, f := range c.Findings[1:] {
			t.costs("also:  ", f)
		}
	} else if others := c.Others(); others != "" {
		t.line("  also: " + strings.TrimRight(term.Printable(others, 0)+" "+t.hint, " "))
	}
}

func nameAndSite(f tracer.Frame) string {
	return term.Printable(f.Name(), term.NameWidth) + " " + term.Printable(f.Site(), 0)
}

// costs writes what costs more in f.
func (t *text) costs(label string, f Finding) {
	if t.all && len(f.Also) > 0 {
		t.wrapped("  "+label+term.Printable(f.Version, term.NameWidth)+" ", printable(f.Scenarios()), ",")
		t.wrapped("      ", printable(f.Costs()), ",")
		return
	}
	t.wrapped("  "+label+term.Printable(f.Subject(), 2*term.NameWidth)+"   ", printable(f.Costs()), ",")
}

func (t *text) capacity(f Finding) {
	if text := f.Capacity(); text != "" {
		t.line("  " + term.Printable(text, 0))
	}
}

func printable(texts []string) []string {
	var list []string
	for _, s := range texts {
		list = append(list, term.Printable(s, 0))
	}
	return list
}

// unplaced writes the findings without a known cause, grouped by kind.
func (t *text) unplaced(j Judgment) {
	order, groups := index.Groups(j.Unplaced(), func(f Finding) string { return Mark(f, term.Style{}) })
	for i, mark := range order {
		group := groups[mark]
		if i == 0 || group[0].Fails() {
			t.line("")
		}
		shown := t.first(len(group))
		for _, f := range group[:shown] {
			t.finding(f)
		}
		t.more(len(group)-shown, mark, mark)
	}
}

// finding writes a finding without a place.
func (t *text) finding(f Finding) {
	subject := t.style.Paint(term.Bold, term.Printable(f.Version+" "+strings.Join(f.Scenarios(), ", "), 2*term.NameWidth))
	if last := f.N[len(f.N)-1]; last > 0 && (f.Verdict == report.Added || f.Verdict == report.Missing) {
		subject += " N=" + term.Span(f.N)
	}
	t.line(Mark(f, t.style) + " " + subject + ": " + term.Printable(f.Headline(), 0))
	switch {
	case f.Verdict == report.Worse && f.Failure == "":
		t.wrapped("  ", printable(f.Costs()), ",")
		t.capacity(f)
		t.changes(f, func(c Change) bool { return c.Verdict() == report.Worse })
		if text := f.unknown(); text != "" {
			t.line("  " + text)
		}
	case f.Verdict == report.Better, f.Verdict == report.Added && f.Failure == "", f.Verdict == report.Missing:
		t.wrapped("  ", printable(f.Overview()), ",")
	case f.Verdict == report.Same:
		t.changes(f, func(Change) bool { return true })
	}
}

// changes writes the statements and checks of f for which so returns true.
func (t *text) changes(f Finding, so func(Change) bool) {
	var list []string
	for _, c := range f.Changes {
		if so(c) {
			list = append(list, t.change(c))
		}
	}
	for _, change := range t.few(list, "  and %d more") {
		t.line(change)
	}
}

// change returns a change, and where it comes from if it costs more.
func (t *text) change(c Change) string {
	kind := "statement"
	if c.Check {
		kind = "check"
	}
	lines := []string{"  " + kind + " " + term.Printable(c.Name, term.StatementWidth) + "  " + c.String()}
	if c.Verdict() == report.Worse {
		var callers []string
		for _, caller := range c.Growing() {
			if depth := len(caller.Stack); depth > 0 {
				callers = append(callers, times(caller.Growth)+" from "+nameAndSite(caller.Stack[depth-1]))
			} else if len(c.Callers) > 1 {
				callers = append(callers, times(caller.Growth)+" from an unknown place")
			}
		}
		lines = slices.Concat(lines, alike(c), t.few(callers, "and from %d more places"))
	}
	return strings.Join(lines, "\n    ")
}

// unknown says why it is unknown which place requests more in f, if that has a reason.
func (f Finding) unknown() string {
	if f.OverBudget() || f.PlacesKnown || f.Placed() || !slices.ContainsFunc(f.Changes, func(c Change) bool {
		return c.Verdict() == report.Worse && slices.ContainsFunc(c.Callers, func(caller Caller) bool { return len(caller.Stack) > 0 })
	}) {
		return ""
	}
	return "the baseline has no call sites, so it is unknown which of the places is new"
}

// advice writes what to do.
func (t *text) advice(j Judgment, a Advice) {
	if len(j.Failing()) == 0 || a.Accept == nil {
		return
	}
	commands := a.Commands(j)
	t.line("")
	if len(commands) == 0 {
		t.line("Fix it: an undeclared outcome cannot be accepted.")
		return
	}
	t.line("Fix it, or accept it:")
	for _, command := range commands {
		t.line("  " + term.Printable(command, 0))
	}
}

// alike describes how many of the head's repeat an earlier one.
func alike(c Change) []string {
	what, different := "queries", "with different arguments"
	if c.Check {
		what, different = "checks", "on different objects"
	}
	total := Last(c.Head)
	if len(c.Callers) == 0 || total < 2 {
		return nil
	}
	var list []string
	say := func(n int, does string) {
		if n > 0 {
			list = append(list, fmt.Sprintf("%d of %d %s %s", n, total, what, does))
		}
	}
	say(Last(c.Repeats), "repeat an earlier one")
	for _, reason := range calltree.Hindrances() {
		say(c.Equal[reason], "equal an earlier one, but are needed: "+hindrances[reason])
	}
	say(c.Opaque, "cannot be compared")
	if list == nil {
		return []string{fmt.Sprintf("%d times %s", total, different)}
	}
	return list
}

var hindrances = map[tracer.Repeat]string{
	tracer.WritesAgain:  "it writes",
	tracer.LocksAgain:   "it locks",
	tracer.AfterWrite:   "something was written between",
	tracer.AfterFailure: "one of them failed",
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

// Text returns everything about the cause, like the function [Text].
func (c Cause) Text() string {
	t := text{all: true}
	t.cause(c)
	return t.String()
}

// Text returns everything about a finding without a known cause, like the function [Text].
func (f Finding) Text() string {
	t := text{all: true}
	t.finding(f)
	return t.String()
}

// Package ci renders in the formats that CI systems and benchstat read.
package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// maxAnnotations is how many errors of a step GitHub shows. It silently drops the others.
const maxAnnotations = 10

// Annotations returns the failures as GitHub Actions workflow commands: one for each cause, at its
// line, and one for each finding without a cause, at its baseline.
func Annotations(j findings.Judgment, advice findings.Advice, baseline func(findings.Finding) string) string {
	var general, list []string
	note := func(message string) string {
		return fmt.Sprintf("::error title=fanout-bench::%s\n", commandData(term.Printable(message, 0)))
	}
	if n := len(j.Unmeasured); n > 0 {
		more := ""
		if n > 1 {
			more = fmt.Sprintf("; and %d more, see the log", n-1)
		}
		general = append(general, note(j.Unmeasured[0].String()+more))
	}
	if j.ProofFailure != "" {
		general = append(general, note(j.ProofFailure))
	}
	accept := ""
	if commands := advice.Commands(j); len(commands) > 0 {
		accept = "If it is meant: " + strings.Join(commands, "; ")
	}
	for _, c := range j.Causes {
		first := c.Findings[0]
		lines := []string{c.Sentence(func(s string) string { return s }) + ".", first.Subject() + ": " + strings.Join(first.Costs(), ", ")}
		if others := c.Others(); others != "" {
			lines = append(lines, "Also: "+others)
		}
		list = append(list, annotation(c.File(), c.At.Line, c.Way(), append(lines, accept)))
	}
	for _, f := range j.Unplaced() {
		line := ""
		switch {
		case f.Failure != "":
		case f.Fails():
			line = accept
		case f.Verdict == report.Missing && !f.Gone:
			line = advice.Prune
		case f.Verdict != report.Added && f.Verdict != report.Missing:
			continue
		case advice.Update != "":
			line = "Bring the baseline up to date: " + advice.Update
		}
		list = append(list, annotation(baseline(f), 1, f.Subject(), []string{f.Headline() + ".", line}))
	}
	if room := maxAnnotations - len(general); len(list) > room {
		more := len(list) - room + 1
		list = list[:room-1]
		list = append(list, note(fmt.Sprintf("and %d more; see the log", more)))
	}
	return strings.Join(slices.Concat(general, list), "")
}

// annotation returns an annotation, at a line of a file if that is known.
func annotation(file string, line int, title string, lines []string) string {
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	for i := range lines {
		lines[i] = term.Printable(lines[i], 0)
	}
	place := ""
	if file != "" {
		place = fmt.Sprintf("file=%s,line=%d,", propertyValue(file), line)
	}
	return fmt.Sprintf("::error %stitle=%s::%s\n", place, propertyValue("fanout-bench: "+title), commandData(strings.Join(lines, "\n")))
}

// commandData escapes the message of a workflow command.
func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// propertyValue escapes a property of a workflow command.
func propertyValue(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandData(term.Printable(s, 0)))
}

// Package ci renders in the formats that CI systems and benchstat read.
package ci

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// maxAnnotations is how many errors of a step GitHub shows; it drops the others
// without saying so.
const maxAnnotations = 10

// Annotations writes the failures as GitHub Actions workflow commands, each at the
// innermost line of the application that asks for more, or at its baseline, if there is one.
func Annotations(w io.Writer, j findings.Judgment, advice findings.Advice, baseline func(findings.Finding) string) error {
	list := slices.DeleteFunc(slices.Clone(j.Findings), func(f findings.Finding) bool {
		return !f.Fails() && f.Verdict != report.Added && f.Verdict != report.Missing
	})
	var b strings.Builder
	shown := maxAnnotations
	general := func(message string) {
		shown--
		fmt.Fprintf(&b, "::error title=fanout-bench::%s\n", commandData(term.Printable(message, 0)))
	}
	if n := len(j.Unmeasured); n > 0 {
		more := ""
		if n > 1 {
			more = fmt.Sprintf("; and %d more, see the log", n-1)
		}
		general(j.Unmeasured[0].String() + more)
	}
	if j.ProofFailure != "" {
		general(j.ProofFailure)
	}
	for i, f := range list {
		if i == shown-1 && len(list) > shown {
			general(fmt.Sprintf("and %d more; see the log", len(list)-i))
			break
		}
		annotation(&b, f, advice, baseline(f))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func annotation(b *strings.Builder, f findings.Finding, advice findings.Advice, baseline string) {
	file, line := baseline, 1
	lines := []string{f.Headline() + "."}
	for _, c := range f.Causes {
		if c.Verdict() != report.Worse {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s", term.Printable(c.Name, term.StatementWidth), c.String()))
		for _, caller := range c.Callers {
			if depth := len(caller.Stack); depth > 0 && file == baseline {
				file, line = caller.Stack[depth-1].File, caller.Stack[depth-1].Line
			}
		}
	}
	switch {
	case f.Failure != "":
	case f.Fails():
		if advice.Accept != nil {
			lines = append(lines, "If it is meant: "+advice.For(f))
		}
	case f.Verdict == report.Missing && !f.Gone:
		lines = append(lines, advice.Prune)
	case advice.Update != "":
		lines = append(lines, "Bring the baseline up to date: "+advice.Update)
	}
	for i := range lines {
		lines[i] = term.Printable(lines[i], 0)
	}
	place := ""
	if file != "" {
		place = fmt.Sprintf("file=%s,line=%d,", propertyValue(file), line)
	}
	fmt.Fprintf(b, "::error %stitle=%s::%s\n", place,
		propertyValue("fanout-bench: "+f.Subject()), commandData(strings.Join(lines, "\n")))
}

// commandData escapes the message of a workflow command.
func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// propertyValue escapes a property of a workflow command.
func propertyValue(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(commandData(term.Printable(s, 0)))
}

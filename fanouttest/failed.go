package fanouttest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// collectFailure writes to folder, if there is one, the results that there are, and that
// failure came after them: it is for the gate to say so. Only what Run returns is a result.
func (s Scenario) collectFailure(folder string, subject report.Subject, results []scenarios.Result, failure error) error {
	var failed *runError
	if folder == "" || s.Races || !errors.As(failure, &failed) {
		return nil
	}
	rows := s.file(subject, results)
	rows.Rows = append(rows.Rows, report.Row{
		Scenario: s.Name, N: failed.n, Version: subject.Versions[0], Outcome: "error",
		Counts:  tracer.Counts{Statements: map[string]int{}, Checks: map[string]int{}},
		Failure: fmt.Sprintf("Run returned an error: %s", shown(failed.error)),
	})
	return put(folder, rows)
}

// secrets are what connection strings and the like have in an error of somebody else.
var secrets = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(://[^/\s:@]*):[^\s]*@`), "$1:***@"},
	{regexp.MustCompile(`(?i)((?:password|passwd|pwd|passphrase|secret|token|api_?key|authorization)["']?\s*[=:]\s*)(?:(?:bearer|basic)\s+\S+|'[^']*'|"[^"]*"|[^\s,;]+)`), "$1***"},
}

// shown returns the text of err for a file that others read: one line, not too long, and
// without what looks like a secret.
func shown(err error) string {
	text := strings.ToValidUTF8(err.Error(), "�")
	for _, s := range secrets {
		text = s.pattern.ReplaceAllString(text, s.instead)
	}
	return term.Printable(text, 300)
}

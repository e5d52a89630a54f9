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

// errorOutcome is that of a Run which returned an error.
const errorOutcome = "error"

// collectFailure writes the results that there are, and that Run returned err after them, if
// results are collected: then it is for the gate to say so. Nothing else that goes wrong is
// a result.
func (s Scenario) collectFailure(subject report.Subject, results []scenarios.Result, err error) error {
	var failed *runError
	folder, folderErr := outFolder()
	if folder == "" || folderErr != nil || s.Races || !errors.As(err, &failed) {
		return nil
	}
	rows := s.rows(subject, results)
	rows.Rows = append(rows.Rows, report.Row{
		Scenario: s.Name, N: failed.n, Version: subject.Versions[0], Outcome: errorOutcome,
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

package view

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// Measured is the advice about what the command has measured itself.
func Measured() findings.Advice {
	return findings.Advice{
		Accept: func(f report.Finding) string {
			return fmt.Sprintf("fanout-bench accept --version %s --scenario %s --reason '…'",
				term.ShellWord(f.Version), term.ShellWord(strings.Join(f.Scenarios(), ",")))
		},
		Widen: "fanout-bench accept --budget '…' --reason '…'",
		Explain: func(f report.Finding) string {
			cell := f.Scenario
			if f.Unit != "" {
				cell = fmt.Sprintf("%s/%d", f.Scenario, f.Cell().N)
			}
			return fmt.Sprintf("fanout-bench explain %s %s", term.ShellWord(f.Version), term.ShellWord(cell))
		},
		Update: "fanout-bench accept",
		Prune:  "fanout-bench accept --prune",
	}
}

// Collected is the advice about what the tests of somebody have measured, which accept
// accepts. Whether missing cells are gone from the code is not known, and what removes them
// is not to be copied blindly.
func Collected(accept string) findings.Advice {
	return findings.Advice{
		Accept: func(report.Finding) string { return accept },
		Update: accept,
		Prune:  "Run all tests; what is missing then is gone from the code, and accept with --prune removes it",
	}
}

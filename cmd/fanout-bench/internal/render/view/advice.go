package view

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// Measured is the advice about what the command has measured itself.
func Measured() findings.Advice {
	return findings.Advice{
		Accept: func(f findings.Finding) string {
			return fmt.Sprintf("fanout-bench accept --version %s --scenario %s --reason '…'",
				term.ShellWord(f.Version), term.ShellWord(strings.Join(f.Scenarios(), ",")))
		},
		Widen: "fanout-bench accept --budget '…' --reason '…'",
		Explain: func(f findings.Finding) string {
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
// accepts, and prune also removes what is gone.
func Collected(accept, prune string) findings.Advice {
	return findings.Advice{
		Accept: func(findings.Finding) string { return accept },
		Update: accept,
		Prune:  prune,
	}
}

// ByBase is the advice about what is judged by what was measured before a change: there is
// no baseline to accept it in.
func ByBase() findings.Advice {
	accept := "say in the pull request why it may cost more, and merge it"
	return findings.Advice{Accept: func(findings.Finding) string { return accept }, Update: accept}
}

package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/tracer"
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
		Accept: func(f findings.Finding) string {
			switch {
			case !f.OverBudget():
				return accept
			case slices.ContainsFunc(f.Worse, func(m tracer.Metric) bool {
				return f.Budgets[m].Exceeded(f.Metrics[m].Head) && testbaseline.Stated(f.Budgets[m])
			}):
				return "# raise the limit in Expect of the test"
			}
			return "fanout-bench accept --baseline FILE --budget '…' --reason '…' # where FILE is the baseline beside the test"
		},
		Update: accept,
		Prune:  prune,
	}
}

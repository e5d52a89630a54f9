package report

import (
	"fmt"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/term"
)

// AcceptCommand returns the command that accepts the finding on purpose.
func (f Finding) AcceptCommand() string {
	if f.Accept != "" {
		return f.Accept
	}
	if f.OverBudget() {
		return "fanout-bench accept --budget '…' --reason '…'"
	}
	return fmt.Sprintf("fanout-bench accept --version %s --scenario %s --reason '…'",
		term.ShellWord(f.Version), term.ShellWord(strings.Join(f.Scenarios(), ",")))
}

// NotRun is what to do about missing cells of tests that somebody runs: whether the code
// has them no more is not known, and what removes them is not to be copied blindly.
const NotRun = "Run all tests; what is missing then is gone from the code, and accept with --prune removes it"

// ExplainCommand returns the command that shows the call tree of a measured cell.
func (f Finding) ExplainCommand() string {
	cell := f.Scenario
	if f.Unit != "" {
		cell = fmt.Sprintf("%s/%d", f.Scenario, f.Cell().N)
	}
	return fmt.Sprintf("fanout-bench explain %s %s", term.ShellWord(f.Version), term.ShellWord(cell))
}

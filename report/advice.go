package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/scenarios"
)

// AcceptCommand returns the command that accepts the finding on purpose.
func (f Finding) AcceptCommand() string {
	if f.accept != "" {
		return f.accept
	}
	if f.overBudget() {
		return "fanout-bench accept --budget '…' --reason '…'"
	}
	return fmt.Sprintf("fanout-bench accept --version %s --scenario %s --reason '…'",
		ShellWord(f.Version), ShellWord(strings.Join(f.scenarios(), ",")))
}

// notRun is what to do about missing cells of tests that somebody runs: whether the code
// has them no more is not known, and what removes them is not to be copied blindly.
const notRun = "Run all tests; what is missing then is gone from the code, and accept with --prune removes it"

// ExplainCommand returns the command that shows the call tree of a measured cell.
func (f Finding) ExplainCommand() string {
	cell := f.Scenario
	if f.Unit != "" {
		cell = fmt.Sprintf("%s/%d", f.Scenario, f.cell().N)
	}
	return fmt.Sprintf("fanout-bench explain %s %s", ShellWord(f.Version), ShellWord(cell))
}

// cell returns the measured cell that shows best what the finding is about: one
// with more than one of N, if there is any, as a fan-out needs two to show.
func (f Finding) cell() scenarios.Cell {
	n := f.N[len(f.N)-1]
	if i := slices.IndexFunc(f.N, func(n int) bool { return n > 1 }); i >= 0 {
		n = f.N[i]
	}
	return scenarios.Cell{Scenario: f.Scenario, N: n, Version: f.Version}
}

// ShellWord quotes s, which may come from the program under test, so that a shell
// takes it for one word.
func ShellWord(s string) string {
	s = Printable(s, 0)
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./,:@%+=", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

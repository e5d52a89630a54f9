package view

import (
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/tracer"
)

const details = "(-v lists them)"

// Measured is the advice about what the command has measured itself.
func Measured() findings.Advice {
	return findings.Advice{
		Accept: func(list []findings.Finding) []string {
			var (
				commands            []string
				versions, scenarios []string
			)
			add := func(to *[]string, names ...string) {
				for _, name := range names {
					if !slices.Contains(*to, name) {
						*to = append(*to, name)
					}
				}
			}
			for _, f := range list {
				if f.OverBudget() {
					commands = []string{"fanout-bench accept --budget '…' --reason '…'  # with a wider limit"}
					continue
				}
				add(&versions, f.Version)
				add(&scenarios, f.Scenarios()...)
			}
			if len(versions) == 0 {
				return commands
			}
			command := "fanout-bench accept --version " + term.ShellWord(strings.Join(versions, ","))
			const most = 3 // of more, the versions are all there is to say
			if len(scenarios) <= most {
				command += " --scenario " + term.ShellWord(strings.Join(scenarios, ","))
			}
			return append([]string{command + " --reason '…'"}, commands...)
		},
		Update:  "fanout-bench accept",
		Prune:   "fanout-bench accept --prune",
		Details: details,
	}
}

// Collected is the advice about what the tests of somebody have measured, which accept
// accepts, and prune also removes what is gone.
func Collected(accept, prune string) findings.Advice {
	return findings.Advice{
		Accept: func(list []findings.Finding) []string {
			var commands []string
			for _, f := range list {
				command := accept
				switch {
				case !f.OverBudget():
				case overLimit(f):
					command = raiseLimit
				default:
					command = "fanout-bench accept --baseline FILE --budget '…' --reason '…' # where FILE is the baseline beside the test"
				}
				if !slices.Contains(commands, command) {
					commands = append(commands, command)
				}
			}
			return commands
		},
		Update:  accept,
		Prune:   prune,
		Details: details,
	}
}

// Based is the advice where another branch, or results of it, judges instead of a baseline. There
// is no file to accept anything in.
func Based() findings.Advice {
	return findings.Advice{
		Accept: func(list []findings.Finding) []string {
			var lines []string
			if slices.ContainsFunc(list, func(f findings.Finding) bool { return !overLimit(f) }) {
				lines = append(lines,
					"# --base has no file to accept it in: set a limit in Expect of the test,",
					"# or merge it all the same; then it is the base")
			}
			if slices.ContainsFunc(list, overLimit) {
				lines = append(lines, raiseLimit)
			}
			return lines
		},
		Details: details,
	}
}

const raiseLimit = "# raise the limit in Expect of the test"

// overLimit reports whether f exceeds a limit of its test.
func overLimit(f findings.Finding) bool {
	return slices.ContainsFunc(f.Worse, func(m tracer.Metric) bool {
		return f.Budgets[m].Exceeded(f.Metrics[m].Head) && testbaseline.Stated(f.Budgets[m])
	})
}

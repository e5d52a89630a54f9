package view_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/findings"
	"github.com/fanout-bench/fanout-bench/internal/reporttest"
	"github.com/fanout-bench/fanout-bench/scenarios"
	"github.com/fanout-bench/fanout-bench/tracer"
)

// TestAdviceInAShell has a shell take the commands apart: whatever a name is, it is
// one word, and nothing runs.
func TestAdviceInAShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatalf("the commands are for a POSIX shell, and there is none to try them with: %v", err)
	}
	for _, name := range []string{
		"login", "v2.33.0-rc.3", "a b", "it's", `say "so"`, "$(touch x)", "`touch x`", "a;touch x", "a&&touch x", "a|cat", "a>x", "$HOME", "~", "*",
		"a\\", `\'`, "''", "'", "#a", "!a", "{a,b}", "[a]", "a=b", "größe", "表", "-rf", "--", "(a)", "a\\nb", "%s",
	} {
		base := []scenarios.Result{reporttest.Ran(name, name, 0, "200", reporttest.Each(tracer.KindQuery, "Get", 1))}
		head := []scenarios.Result{reporttest.Ran(name, name, 0, "200", reporttest.Each(tracer.KindQuery, "Get", 2))}
		f := reporttest.Judge(base, head).Findings[0]
		for command, want := range map[string][]string{
			view.Measured().Accept([]findings.Finding{f})[0]: {"accept", "--version", name, "--scenario", name, "--reason", "…"},
		} {
			script := "set -f; fanout() { for word; do printf '%s\\n' \"$word\"; done; }\n" + strings.Replace(command, "fanout-bench", "fanout", 1)
			run := exec.CommandContext(t.Context(), sh, "-c", script)
			run.Dir = t.TempDir()
			out, err := run.CombinedOutput()
			if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: got %q, %v; want %q", command, got, err, want)
			}
		}
	}
}

// TestAdvice requires one command for whatever is to be accepted, and another for budgets.
func TestAdvice(t *testing.T) {
	judge := func(versions, scenarios int) []findings.Finding {
		base, head := []result{}, []result{}
		for v := range versions {
			for s := range scenarios {
				work := func(count int) result {
					return reporttest.Ran(fmt.Sprintf("v%d", v), fmt.Sprintf("s%d", s), 0, "200", reporttest.Each(tracer.KindQuery, "Get", count+s))
				}
				base, head = append(base, work(1)), append(head, work(2))
			}
		}
		return reporttest.Judge(base, head).Findings
	}
	// What is accepted does not widen a budget; a budget that is kept does not matter.
	over, within := reporttest.Budgeted(23, -1).Findings, reporttest.Budgeted(99, -1).Findings
	const widen = "fanout-bench accept --budget '…' --reason '…'  # with a wider limit"
	for _, test := range []struct {
		name     string
		findings []findings.Finding
		want     []string
	}{
		{"one", judge(1, 1), []string{"fanout-bench accept --version v0 --scenario s0 --reason '…'"}},
		{"some", judge(2, 3), []string{"fanout-bench accept --version v0,v1 --scenario s0,s1,s2 --reason '…'"}},
		{"many", judge(2, 4), []string{"fanout-bench accept --version v0,v1 --reason '…'"}},
		{"over a budget", over, []string{widen}},
		{"within a budget", within, []string{"fanout-bench accept --version v1 --scenario agents --reason '…'"}},
		{"both", slices.Concat(over, judge(1, 1)), []string{"fanout-bench accept --version v0 --scenario s0 --reason '…'", widen}},
	} {
		if got := view.Measured().Accept(test.findings); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	const again = "fanout-bench accept -- go test ./..."
	if got := view.Collected(again, "").Accept(judge(2, 4)); !slices.Equal(got, []string{again}) {
		t.Errorf("of tests: %q", got)
	}
	// There is nothing to run.
	for _, line := range view.Based().Accept(judge(2, 4)) {
		if !strings.HasPrefix(line, "# ") {
			t.Errorf("with a base: %q", line)
		}
	}
}

type result = scenarios.Result

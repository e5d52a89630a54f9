package view_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
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
			view.Measured().For(f):     {"accept", "--version", name, "--scenario", name, "--reason", "…"},
			view.Measured().Explain(f): {"explain", name, name},
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

func TestAdvice(t *testing.T) {
	at := func(ns ...int) (base, head []scenarios.Result) {
		for _, n := range ns {
			base = append(base, reporttest.Ran("v1", "agents", n, "200", reporttest.Each(tracer.KindQuery, "Get", 1)))
			head = append(head, reporttest.Ran("v1", "agents", n, "200", reporttest.Each(tracer.KindQuery, "Get", 2)))
		}
		return base, head
	}
	for _, test := range []struct {
		name string
		ns   []int
		want string
	}{
		{"two are enough", []int{1, 2, 3, 16}, "fanout-bench explain v1 agents/2"},
		{"from none", []int{0, 1, 2, 3}, "fanout-bench explain v1 agents/2"},
		{"from two", []int{2, 3}, "fanout-bench explain v1 agents/2"},
		{"far apart", []int{1, 100}, "fanout-bench explain v1 agents/100"},
		{"one", []int{1}, "fanout-bench explain v1 agents/1"},
		{"none", []int{0}, "fanout-bench explain v1 agents/0"},
		{"none and one", []int{0, 1}, "fanout-bench explain v1 agents/1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := view.Measured().Explain(reporttest.Judge(at(test.ns...)).Findings[0]); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	base := []scenarios.Result{reporttest.Ran("v1", "login", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 1)), reporttest.Ran("v1", "logout", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 1))}
	head := []scenarios.Result{reporttest.Ran("v1", "login", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 2)), reporttest.Ran("v1", "logout", 0, "200", reporttest.Each(tracer.KindQuery, "Get", 2))}
	// What is accepted does not widen a budget; a budget that is kept does not matter.
	if got, want := view.Measured().For(reporttest.Budgeted(23, -1).Findings[0]), "fanout-bench accept --budget '…' --reason '…'"; got != want {
		t.Errorf("over a budget: got %s, want %s", got, want)
	}
	if got, want := view.Measured().For(reporttest.Budgeted(99, -1).Findings[0]), "fanout-bench accept --version v1 --scenario agents --reason '…'"; got != want {
		t.Errorf("within a budget: got %s, want %s", got, want)
	}
	f := reporttest.Judge(base, head).Findings[0]
	if got, want := view.Measured().For(f), "fanout-bench accept --version v1 --scenario login,logout --reason '…'"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := view.Measured().Explain(f), "fanout-bench explain v1 login"; got != want {
		t.Errorf("without an N: got %s, want %s", got, want)
	}
}

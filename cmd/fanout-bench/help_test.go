package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/agentauth"
)

// TestHelpOfBuiltInFlags requires that the help sets apart exactly the flags that a command after --
// does not allow.
func TestHelpOfBuiltInFlags(t *testing.T) {
	t.Parallel()
	values := map[string]string{"strict": "true", "n": "1", "repeat": "4", "version": "x", "scenario": "x", "baseline": "x"}
	root := newRoot(agentauth.Case())
	for _, name := range []string{"run", "gate"} {
		cmd, _, err := root.Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		_, apart, found := strings.Cut(cmd.UsageString(), "Flags for the built-in case only:\n")
		if !found {
			t.Fatalf("%s: no flags are set apart:\n%s", name, cmd.UsageString())
		}
		for flag, value := range values {
			if cmd.Flag(flag) == nil {
				continue
			}
			if !strings.Contains(apart, " --"+flag+" ") {
				t.Errorf("%s: --%s is not set apart", name, flag)
			}
			status, _, stderr := inFolder(t, t.TempDir(), nil, name, "--"+flag+"="+value, "--", "true")
			if status != exit.Usage || !strings.Contains(stderr, "remove --"+flag) {
				t.Errorf("%s --%s: status %d: %s", name, flag, status, stderr)
			}
		}
		for _, flag := range []string{"save", "db", "format", "prove", "base", "metric"} {
			if strings.Contains(apart, " --"+flag+" ") {
				t.Errorf("%s: --%s is set apart", name, flag)
			}
		}
	}
	for _, name := range []string{"compare", "explain"} {
		cmd, _, err := root.Find([]string{name})
		if err != nil || strings.Contains(cmd.UsageString(), "built-in case only") {
			t.Errorf("%s: %v: flags are set apart where there is nothing else", name, err)
		}
	}
}

// TestMeasuringFlags requires that the flags to measure are those known by name, which saved results
// and a command after -- do not allow.
func TestMeasuringFlags(t *testing.T) {
	var (
		m     measurement
		cmd   cobra.Command
		added []string
	)
	m.addFlags(&cmd)
	cmd.Flags().VisitAll(func(f *pflag.Flag) { added = append(added, f.Name) })
	if known := slices.Sorted(slices.Values(slices.Concat(serverFlagNames, measuringFlags))); !slices.Equal(added, known) {
		t.Errorf("there are the flags %q, and known are %q", added, known)
	}
}

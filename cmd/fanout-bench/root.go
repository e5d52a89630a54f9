package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// newRoot returns the program. Its commands measure c unless they are given something else.
func newRoot(c workload.Case) *cobra.Command {
	root := &cobra.Command{
		Use:   "fanout-bench",
		Short: "Count SQL queries and authorization checks, and how they grow with N",
		Long: `Fanout-bench counts the SQL queries and authorization checks of a request, finds how
they grow with N, and fails if they exceed the baseline.

It needs a PostgreSQL server and finds one itself: see 'fanout-bench doctor'.

Exit status:
    0  everything was measured and nothing costs more
    1  a regression: something costs more (gate, compare), a request ends otherwise than
       declared, for example by an error or a panic of Run (gate), a figure is not
       reproduced (verify), or a version contradicts its counts (saturate)
    2  a usage error
    3  something could not be measured or written, or gate --prove found the gate blind
    4  nothing to judge: nothing is selected, a file cannot be read, or the baseline is
       out of date
    5  gate --ratchet found an improvement that was not accepted
  125  gate --bisect could not judge; 129 for its usage errors
  130  interrupted`,
		Example: `  fanout-bench run                          # the built-in incident
  fanout-bench gate -- go test ./...        # your tests and the baselines beside them
  fanout-bench gate --base origin/main -- go test ./...`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true}) // --help does
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageTemplate(root.UsageTemplate()))
	group := func(title string, commands ...*cobra.Command) {
		root.AddGroup(&cobra.Group{ID: title, Title: title})
		for _, cmd := range commands {
			cmd.GroupID = title
			completeValues(cmd, c)
			root.AddCommand(cmd)
		}
	}
	path := c.Path
	group("Measure:", newRunCommand(path), newCompareCommand(path), newVerifyCommand(path))
	group("Judge:", newGateCommand(path), newAcceptCommand(path))
	group("Inspect:", newExplainCommand(path), newReportCommand(path), newListCommand(c), newDoctorCommand())
	group("Put under load:", newCapacityCommand(), newSaturateCommand(c), newServeCommand(c))
	root.AddCommand(newDocsCommand())
	return root
}

// completeValues makes shells complete the values of the flags of cmd.
func completeValues(cmd *cobra.Command, c workload.Case) {
	names := map[string][]string{
		"version":  namesOf(c.Versions, func(v scenarios.Version) string { return v.Name }),
		"scenario": namesOf(c.Scenarios, func(s scenarios.Scenario) string { return s.Name }),
		"workload": namesOf(c.Workloads, func(w workload.Workload) string { return w.Name }),
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		valid := names[f.Name]
		if one, ok := f.Value.(*choice); ok {
			valid = one.valid
		}
		if valid != nil {
			// It fails only for an unknown flag, or the second time.
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(valid, cobra.ShellCompDirectiveNoFileComp))
		}
	})
}

// flagError names the valid values of a flag, or a flag with a similar name.
func flagError(cmd *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return inWords(err)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if meant := closest(unknown.GetSpecifiedName(), names); meant != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, meant)
	}
	return err
}

// closest returns the name most similar to typed, or "".
func closest(typed string, names []string) string {
	choices := &cobra.Command{SuggestionsMinimumDistance: 2} // as cobra does for commands
	for _, name := range names {
		choices.AddCommand(&cobra.Command{Use: name, Run: func(*cobra.Command, []string) {}})
	}
	if meant := choices.SuggestionsFor(typed); len(meant) > 0 {
		return meant[0]
	}
	return ""
}

// message returns the text of err, with what an unknown name may mean. It drops the empty messages of
// errors that only set the exit status.
func message(err error, c workload.Case) string {
	text := strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' }), "\n")
	unknown, ok := errors.AsType[*selection.UnknownNameError](err)
	if !ok {
		return text
	}
	if meant := closest(unknown.Name, unknown.Valid); meant != "" {
		text += fmt.Sprintf("; did you mean %s?", meant)
	}
	if w, err := c.Workload(unknown.Name); err == nil && unknown.What == "scenario" {
		text += fmt.Sprintf("\n%s is a workload; use 'fanout-bench saturate --workload %[1]s'.", w.Name)
	}
	return text
}

// usageTemplate returns cobra's template with lines that fit, and with the flags for the built-in
// case apart from those that also apply to a command after --.
func usageTemplate(template string) string {
	cobra.AddTemplateFunc("flagsOf", flagsOf)
	const local = "{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}"
	template = strings.Replace(template, local, `{{(flagsOf . false).FlagUsages | trimTrailingWhitespaces}}{{if (flagsOf . true).HasFlags}}

Flags for the built-in case only:
{{(flagsOf . true).FlagUsages | trimTrailingWhitespaces}}{{end}}`, 1)
	return strings.ReplaceAll(template, "FlagUsages", "FlagUsagesWrapped 100")
}

// flagsOf returns the flags of cmd that a command after -- does not allow, or the others. A command
// that takes none after -- has only others.
func flagsOf(cmd *cobra.Command, builtIn bool) *pflag.FlagSet {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		alone := strings.Contains(cmd.Use, "-- COMMAND") && slices.Contains(builtInFlags, f.Name) &&
			(f.Name != "baseline" || cmd.Flag("budget") == nil) // a budget may be of any baseline
		if alone == builtIn {
			flags.AddFlag(f)
		}
	})
	return flags
}

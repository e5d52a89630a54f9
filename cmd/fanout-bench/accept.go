package main

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// An acceptance writes a baseline.
type acceptance struct {
	measured measurement
	out      output
	file     string
	target   savefile.Target // of file
	reason   string
	budgets  []string
	prune    bool
	complete bool // treat what was not measured as gone
	inCI     bool
}

func newAcceptCommand(path *scenarios.Path) *cobra.Command {
	var a acceptance
	cmd := &cobra.Command{
		Use:   "accept [-- COMMAND]",
		Short: "Measure and write the baseline",
		Long: `Accept measures, writes the baseline that 'gate' compares with, and prints what changes.
A change that costs more, grows faster, or ends differently needs --reason, which the baseline
keeps. What was not measured does not change; --prune removes what the code no longer has.
Accept does not run in CI, where nobody would review and commit the baseline.

With a command after --, accept runs it and writes the files beside its tests:
testdata/fanout/SCENARIO.json in the folder of each package. Without a command, it measures
the built-in case and writes --baseline.

With --budget it does not measure. It sets limits that replace the measured counts: max for
each count, per_n for its growth with N. 'agents sql none' removes the limits, and
version=NAME limits one version only.

` + serverOfTests,
		Example: `  fanout-bench accept --reason 'orders carry their items now' -- go test ./...
  fanout-bench accept --prune -- go test ./...
  fanout-bench accept --budget 'agents sql max=30 per_n=1' --reason 'until the join lands'`,
		Args: a.check,
	}
	a.measured.addFlags(cmd)
	a.measured.addVersionFlag(cmd)
	addBaselineFlag(cmd, &a.file)
	cmd.Flags().StringVar(&a.reason, "reason", "", "`why` it costs more")
	cmd.Flags().StringArrayVar(&a.budgets, "budget", nil, "set a `limit` without measuring, as in 'SCENARIO METRIC max=30 per_n=1'")
	cmd.Flags().BoolVar(&a.inCI, "in-ci", false, "write the baseline although $CI is set")
	cmd.Flags().BoolVar(&a.complete, "complete", false, "with --prune, also remove what was not measured because its test did not run")
	cmd.Flags().BoolVar(&a.prune, "prune", false, "remove from the baseline what the code no longer has")
	a.out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, argv []string) (err error) {
		if len(argv) > 0 {
			return a.collected(cmd, argv)
		}
		if err := wantsBuiltIn(cmd); err != nil {
			return err
		}
		if a.target, err = savefile.NewWithFolder(a.file); err != nil {
			return exit.With(exit.Usage, fmt.Errorf("--baseline: %w", err))
		}
		if len(a.budgets) > 0 {
			return a.target.Alone(func() error { return a.limit(cmd, path) })
		}
		return a.builtIn(cmd, path)
	}
	return cmd
}

const maxReason = 300

// check validates arguments and flags before anything is started.
func (a *acceptance) check(cmd *cobra.Command, argv []string) error {
	err := onlyCommand(cmd, argv)
	switch {
	case err != nil:
	case runsInCI() && !a.inCI:
		err = errors.New("accept does not run in CI ($CI is set), where nobody reviews the baseline;\nrun it locally and commit the files, or use --in-ci")
	case cmd.Flags().Changed("reason") && strings.TrimSpace(a.reason) == "":
		err = errors.New("--reason is empty; say in one sentence why it costs more")
	case len(a.reason) > maxReason:
		err = fmt.Errorf("--reason has %d bytes; shorten it to %d", len(a.reason), maxReason)
	case strings.ContainsFunc(a.reason, func(r rune) bool { return !unicode.IsPrint(r) }):
		err = errors.New("--reason must be one line of plain text")
	case a.complete && (!a.prune || len(argv) == 0):
		err = errors.New("--complete needs --prune and a command after --")
	case len(a.budgets) == 0:
	case len(argv) > 0:
		err = errors.New("--budget does not measure: remove the command")
	case noneChanged(cmd) != nil, a.prune, cmd.Flags().Changed("version"):
		err = errors.New("--budget does not measure: remove --scenario, --version, --n and --prune")
	}
	return err
}

// limit writes the budgets to the baseline file.
func (a *acceptance) limit(cmd *cobra.Command, path *scenarios.Path) error {
	baseline, err := existingBaseline(cmd.Context(), a.file)
	switch {
	case err != nil:
		return err
	case len(baseline.Rows) == 0:
		return exit.With(exit.NoData, errNoBaseline)
	}
	subject := baseline.Subject
	if subject.Name == path.Name {
		subject = subjectOf(path) // the code may have more than the file
	}
	if err := setBudgets(&baseline, subject, a.budgets, a.reason); err != nil {
		return exit.With(exit.Usage, err)
	}
	if err := a.target.Save(baseline.Write); err != nil {
		return err
	}
	return writeBudgets(cmd.OutOrStdout(), a.target.Name, baseline.Budgets)
}

// collected runs a command and writes what its tests measure to the files beside them.
func (a *acceptance) collected(cmd *cobra.Command, argv []string) error {
	found, err := collect.FindBeside(cmd.Context())
	if err != nil && exit.Of(err, exit.OK) != exit.NoData { // files that cannot be used are replaced, or refused below
		return err
	}
	collected, err := a.measured.collect(cmd, checkout{}, argv)
	if err = errors.Join(err, collected.failed); err != nil {
		unmeasuredNotes(cmd.ErrOrStderr(), merge.Shortened(collected.measured, collected.measured.Name))
		return errors.Join(err, errors.New("the baselines did not change"))
	}
	measured := collected.measured
	before, judged, part := report.File{Subject: measured.Subject}, measured, collect.Parts(measured)
	judged.Rows = nil
	for _, s := range measured.Scenarios {
		if s.Baseline == "" {
			continue
		}
		judged.Rows = append(judged.Rows, part(s).Rows...)
		if _, err := found.Read(cmd.Context(), s.Baseline); err != nil && !testbaseline.Replaceable(err) {
			return exit.With(exit.NoData, fmt.Errorf("%w; correct or remove the file;\nthe baselines did not change", err))
		}
		old := merge.Of(found.Files[s.Baseline], s)
		before.Rows, before.Budgets, before.Trees = append(before.Rows, old.Rows...), append(before.Budgets, old.Budgets...), append(before.Trees, old.Trees...)
	}
	gone := merge.Gone(before.Rows, measured)
	leftover, _ := found.Leftover(measured, a.complete)
	accepted := merge.Accept(before, judged, gone, a.reason)
	refused := a.refused(accepted)
	if refused == nil {
		written, err := found.Write(cmd.Context(), measured, accepted.Baseline)
		for _, name := range written {
			fmt.Fprintf(cmd.ErrOrStderr(), "Wrote %s; commit it.\n", term.Printable(name, 0))
		}
		if err != nil {
			return err
		}
		for _, name := range leftover {
			if !a.prune {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s is for a scenario that the code no longer has; --prune removes it.\n", term.Printable(name, 0))
				continue
			}
			if err := found.Remove(name); err != nil {
				return exit.With(exit.NotMeasured, err)
			}
			why := "the code no longer has the scenario"
			if a.complete {
				why = "no test measured the scenario"
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Removed %s: %s.\n", term.Printable(name, 0), why)
		}
	}
	short := func(f report.File) report.File { return merge.Shortened(f, measured.Name) }
	gone = merge.Gone(short(before).Rows, short(measured))
	return errors.Join(refused, a.print(cmd, merge.Accept(short(before), short(judged), gone, a.reason)))
}

// refused returns an error if accepted needs a reason and has none.
func (a *acceptance) refused(accepted merge.Acceptance) error {
	if need := accepted.NeedsReason(); len(need) > 0 && a.reason == "" {
		return exit.With(exit.Usage, fmt.Errorf(
			"%s; the baseline did not change.\nFix the code, or say why with --reason",
			term.Count(len(need), "measurement costs more or ends differently", "measurements cost more or end differently")))
	}
	return nil
}

func (a *acceptance) print(cmd *cobra.Command, accepted merge.Acceptance) error {
	return a.out.write(cmd.OutOrStdout(), styled(text.Acceptance, accepted), plain(json.Comparison, accepted.Changes))
}

// builtIn measures the built-in case and writes its baseline. With --prune it removes the rows of the
// selection that the code no longer has.
func (a *acceptance) builtIn(cmd *cobra.Command, path *scenarios.Path) error {
	subject := subjectOf(path)
	baseline, err := a.baseline(cmd, subject)
	if err != nil {
		return err
	}
	selected, err := a.measured.cells(cmd, path)
	if err != nil {
		return err
	}
	cells, covered := judged(path, a.measured.selection, selected, baseline)
	a.measured.runner.Stacks = true
	results, err := a.measured.measure(cmd, path, cells)
	if err != nil {
		return errors.Join(err, errors.New("the baseline did not change"))
	}
	measured := a.measured.rows(path, results)
	var gone []scenarios.Cell
	if a.prune {
		gone = merge.Gone(covered.Rows, measured)
	}
	accepted := merge.Accept(baseline, measured, gone, a.reason)
	accepted.DropBudgets(gone)
	refused := a.refused(accepted)
	same := len(accepted.Changed()) == 0 && reflect.DeepEqual(accepted.Baseline.Subject, baseline.Subject) && reflect.DeepEqual(accepted.Baseline.Trees, baseline.Trees)
	if refused == nil && !same {
		// Save before printing, which may fail.
		if err := a.target.Alone(func() error {
			// Another accept may have written the file during the measurement.
			if now, err := a.baseline(cmd, subject); err != nil || !reflect.DeepEqual(now, baseline) {
				return exit.With(exit.NotMeasured, fmt.Errorf("%s changed during the measurement and was not written;\nrun accept again", a.file))
			}
			return a.target.Save(accepted.Baseline.Write)
		}); err != nil {
			return err
		}
	}
	return errors.Join(refused, a.print(cmd, accepted))
}

// baseline reads the baseline; a missing file is an empty one.
func (a *acceptance) baseline(cmd *cobra.Command, subject report.Subject) (report.File, error) {
	baseline, err := readBaseline(cmd.Context(), a.file, subject)
	if errors.Is(err, errNoBaseline) {
		err = nil
	}
	return baseline, err
}

// runsInCI reports whether $CI is set, as GitHub, GitLab and most others do.
func runsInCI() bool {
	value := os.Getenv("CI")
	set, err := strconv.ParseBool(value)
	return value != "" && (err != nil || set)
}

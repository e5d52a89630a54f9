package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/calltree"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// An acceptance makes something the baseline.
type acceptance struct {
	measured measurement
	out      output
	file     string
	target   savefile.Target // of file
	reason   string
	budgets  []string
	prune    bool
	complete bool // what was not measured is gone
}

func newAcceptCommand(path *scenarios.Path) *cobra.Command {
	var (
		a    acceptance
		inCI bool
	)
	cmd := &cobra.Command{
		Use:   "accept [-- COMMAND]",
		Short: "Make what is measured the baseline",
		Long: `Accept measures and writes the baseline that 'gate' compares with. It prints what changes.
What costs more, grows faster, or ends differently needs --reason, which is kept beside it.
What is not measured stays as it is; --prune removes what the code does not have any more.
It refuses to run in CI, where nobody would review and commit the baseline.

With a command after --, it writes the files beside the tests that the command runs:
testdata/fanout/SCENARIO.json in the folder of each package. Without, it measures the
built-in case and writes --baseline.

With --budget it measures nothing and sets limits that replace what was measured: max for
each count, per_n for how it grows with N. 'agents sql none' removes the limits, and
version=NAME limits one version only.

The tests of a command find a PostgreSQL server themselves. With --db, --database-url or
--image, and where there is nothing but Docker, they share one that is started for them.`,
		Example: `  fanout-bench accept --reason 'orders carry their items now' -- go test ./...
  fanout-bench accept --prune -- go test ./...
  fanout-bench accept --budget 'agents sql max=30 per_n=1' --reason 'until the join lands'`,
		Args: onlyCommand,
	}
	a.measured.addFlags(cmd)
	a.measured.addVersionFlag(cmd)
	file := addBaselineFlag(cmd)
	cmd.Flags().StringVar(&a.reason, "reason", "", "`why` it may cost more")
	cmd.Flags().StringArrayVar(&a.budgets, "budget", nil, "set a `limit`, as in 'SCENARIO METRIC max=30 per_n=1', and measure nothing")
	cmd.Flags().BoolVar(&inCI, "in-ci", false, "write the baseline although $CI is set")
	cmd.Flags().BoolVar(&a.complete, "complete", false, "with --prune, also remove what was not measured, even if its test may not have run")
	cmd.Flags().BoolVar(&a.prune, "prune", false, "remove from the baseline what the code does not have any more")
	a.out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, argv []string) (err error) {
		if runsInCI() && !inCI {
			return exit.With(exit.Usage, errors.New(
				"this is CI ($CI is set), where a new baseline would be lost or slip in unseen; accept it at home and commit it, or use --in-ci"))
		}
		if err := checkReason(a.reason, cmd.Flags().Changed("reason")); err != nil {
			return exit.With(exit.Usage, err)
		}
		if a.complete && (!a.prune || len(argv) == 0) {
			return exit.With(exit.Usage, errors.New("--complete says what --prune removes of the baselines beside tests: use it with --prune and a command after --"))
		}
		if len(argv) > 0 && len(a.budgets) == 0 {
			return a.collected(cmd, argv)
		}
		if err := wantsBuiltIn(cmd); err != nil {
			return err
		}
		a.file = *file
		if a.target, err = savefile.NewWithFolder(a.file); err != nil {
			return exit.With(exit.Usage, fmt.Errorf("--baseline: %w", err))
		}
		switch {
		case len(a.budgets) > 0:
			return a.limits(cmd, path, argv)
		default:
			return a.builtIn(cmd, path)
		}
	}
	return cmd
}

// limits accepts budgets, in a baseline of the built-in case or of what was collected.
func (a *acceptance) limits(cmd *cobra.Command, path *scenarios.Path, argv []string) error {
	switch {
	case len(argv) > 0:
		return exit.With(exit.Usage, errors.New("--budget measures nothing; leave out the command"))
	case noneChanged(a.measured.flags) != nil, a.prune, cmd.Flags().Changed("version"):
		return exit.With(exit.Usage, errors.New("--budget measures nothing; leave out what selects, and --prune"))
	}
	baseline, err := interrupt.ReadFile(cmd.Context(), a.file, report.Read)
	if errors.Is(err, fs.ErrNotExist) {
		return exit.With(exit.NoData, fmt.Errorf("%s: %w", a.file, errNoBaseline))
	}
	if err != nil {
		return exit.With(exit.NoData, err)
	}
	subject := baseline.Subject
	if subject.Name == path.Name {
		subject = subjectOf(path) // which may have more by now
	}
	return acceptBudgets(cmd, a.target, subject, baseline, a.budgets, a.reason)
}

// collected accepts what the tests of a command measure, in the files beside them.
func (a *acceptance) collected(cmd *cobra.Command, argv []string) error {
	found, err := collect.FindBeside(cmd.Context())
	if err != nil && exit.Of(err, exit.OK) != exit.NoData { // what is unusable is replaced
		return err
	}
	collected, err := a.measured.collect(cmd, "", argv)
	if err = errors.Join(err, collected.failed); err != nil {
		unmeasuredNotes(cmd.ErrOrStderr(), merge.Shortened(collected.measured, collected.measured.Name))
		return errors.Join(err, errors.New("the baselines stay as they were"))
	}
	measured := collected.measured
	before := report.File{Subject: measured.Subject}
	var gone []scenarios.Cell
	for _, s := range measured.Scenarios {
		if s.Baseline == "" {
			continue
		}
		if _, err := found.Read(cmd.Context(), s.Baseline); err != nil {
			continue // as above
		}
		old := collect.Only(found.Files[s.Baseline], s)
		before.Rows, before.Budgets, before.Trees = append(before.Rows, old.Rows...), append(before.Budgets, old.Budgets...), append(before.Trees, old.Trees...)
		for _, row := range old.Rows {
			if _, again := measured.Find(row.Scenario, row.N, row.Version); !again {
				gone = append(gone, row.Cell())
			}
		}
	}
	var leftover []string
	for _, name := range found.Leftover(measured) {
		if a.complete || found.Gone(name, measured) {
			leftover = append(leftover, name)
		}
	}
	judged := measured
	judged.Rows = slices.DeleteFunc(slices.Clone(measured.Rows), func(r report.Row) bool { return measured.Scenario(r.Version, r.Scenario).Baseline == "" })
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
		if a.prune {
			if err := found.Remove(leftover); err != nil {
				return exit.With(exit.NotMeasured, err)
			}
		}
		for _, name := range leftover {
			if a.prune {
				fmt.Fprintf(cmd.ErrOrStderr(), "Removed %s: the code does not have the scenario any more.\n", term.Printable(name, 0))
			} else {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s is of a scenario that the code does not have any more; --prune removes it.\n", term.Printable(name, 0))
			}
		}
	}
	return errors.Join(refused, a.print(cmd, merge.Accept(merge.Shortened(before, measured.Name), merge.Shortened(judged, measured.Name), shortened(gone, measured.Name), a.reason)))
}

// shortened returns cells called as Shortened calls them.
func shortened(cells []scenarios.Cell, module string) []scenarios.Cell {
	f := report.File{}
	for _, c := range cells {
		f.Rows = append(f.Rows, report.Row{Scenario: c.Scenario, N: c.N, Version: c.Version})
	}
	var short []scenarios.Cell
	for _, row := range merge.Shortened(f, module).Rows {
		short = append(short, row.Cell())
	}
	return short
}

// refused returns an error if what is accepted needs a reason and has none.
func (a *acceptance) refused(accepted merge.Acceptance) error {
	if need := accepted.NeedsReason(); len(need) > 0 && a.reason == "" {
		return exit.With(exit.Usage, fmt.Errorf(
			"%d cells cost more or end otherwise; say why with --reason, or take it back. The baseline stays as it was", len(need)))
	}
	return nil
}

func (a *acceptance) print(cmd *cobra.Command, accepted merge.Acceptance) error {
	return a.out.write(cmd.OutOrStdout(), styled(text.Acceptance, accepted), plain(json.Acceptance, accepted))
}

// builtIn accepts what is measured of the built-in case.
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
	a.measured.stacks = true
	results, err := a.measured.measure(cmd, path, cells)
	if err != nil {
		return errors.Join(err, errors.New("the baseline stays as it was"))
	}
	measured := report.NewFile(subject, results)
	measured.Trees = calltree.Trees(results)
	return a.accept(cmd, baseline, measured, covered.Rows)
}

// baseline returns the one there is, or none.
func (a *acceptance) baseline(cmd *cobra.Command, subject report.Subject) (report.File, error) {
	baseline, err := readBaseline(cmd.Context(), a.file, subject)
	if errors.Is(err, errNoBaseline) {
		err = nil
	}
	return baseline, err
}

// accept writes what was measured to the baseline, of which covered was to be measured.
func (a *acceptance) accept(cmd *cobra.Command, baseline, measured report.File, covered []report.Row) error {
	var gone []scenarios.Cell
	for _, row := range covered {
		if _, again := measured.Find(row.Scenario, row.N, row.Version); a.prune && !again {
			gone = append(gone, row.Cell())
		}
	}
	accepted := merge.Accept(baseline, measured, gone, a.reason)
	accepted.DropBudgets(gone)
	refused := a.refused(accepted)
	same := len(accepted.Changed()) == 0 && reflect.DeepEqual(accepted.Baseline.Subject, baseline.Subject) && reflect.DeepEqual(accepted.Baseline.Trees, baseline.Trees)
	if refused == nil && !same {
		// Somebody may have accepted something else while this was measured.
		if now, err := a.baseline(cmd, measured.Subject); err != nil || !reflect.DeepEqual(now, baseline) {
			return exit.With(exit.NotMeasured, fmt.Errorf("%s was changed in the meantime and stays as it is; run accept again", a.file))
		}
		// First, so that it is written even if nobody reads what is printed.
		if err := a.target.Save(accepted.Baseline.Write); err != nil {
			return err
		}
	}
	return errors.Join(refused, a.print(cmd, accepted))
}

// runsInCI goes by the variable that GitHub, GitLab and most others set.
func runsInCI() bool {
	value := os.Getenv("CI")
	set, err := strconv.ParseBool(value)
	return value != "" && (err != nil || set)
}

const maxReason = 300

func checkReason(reason string, given bool) error {
	switch {
	case given && strings.TrimSpace(reason) == "":
		return errors.New("--reason is empty; say in a sentence why it may cost more")
	case len(reason) > maxReason:
		return fmt.Errorf("--reason has %d bytes; a sentence of up to %d will do", len(reason), maxReason)
	case strings.ContainsFunc(reason, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("--reason is to be one line of plain text")
	}
	return nil
}

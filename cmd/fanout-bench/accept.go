package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func newAcceptCommand(path *scenarios.Path) *cobra.Command {
	var (
		measured measurement
		out      output
		reason   string
		budgets  []string
		inCI     bool
		prune    bool
	)
	cmd := &cobra.Command{
		Use:   "accept [-- COMMAND]",
		Short: "Make what is measured the baseline",
		Long: `Accept measures the selected cells and writes them to the baseline, which 'gate'
judges by. It prints each cell that changes. What costs more, grows faster, or comes
to another outcome needs --reason, which is kept beside its rows. Cells that are not
measured stay as they are; --prune removes those that the code does not have any
more. The folder of the baseline is made if there is none. In CI it refuses, as a
baseline is to be committed by somebody.

With --budget it measures nothing and writes limits that replace what was measured:

  fanout-bench accept --budget 'agents sql max=30 per_n=1' --reason 'until the join lands'

max replaces what the baseline has for each cell, per_n how it grows with each N; what
is not given stays as measured. 'agents sql none' removes the limits, and version=NAME
makes them those of one version.

With a command after --, it runs that instead of measuring the built-in case, and
accepts the results that its tests collect by package fanouttest.

With --db, --database-url or --image, and where there is nothing but Docker, the
tests of the command share one server, which is started for them.`,
		Args: onlyCommand,
	}
	measured.addFlags(cmd)
	measured.addVersionFlag(cmd)
	file := addBaselineFlag(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "`why` it may cost more from now on")
	cmd.Flags().StringArrayVar(&budgets, "budget", nil, "set a `limit`, as in 'SCENARIO METRIC max=30 per_n=1', and measure nothing")
	cmd.Flags().BoolVar(&inCI, "in-ci", false, "write the baseline although $CI is set")
	cmd.Flags().BoolVar(&prune, "prune", false, "remove rows of cells that the code does not have any more")
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, argv []string) error {
		if runsInCI() && !inCI {
			return withStatus(statusUsage, errors.New(
				"this is CI ($CI is set), where a new baseline would be lost or slip in unseen; accept it at home and commit it, or use --in-ci"))
		}
		if err := checkReason(reason, cmd.Flags().Changed("reason")); err != nil {
			return withStatus(statusUsage, err)
		}
		target, err := newTargetWithFolder(*file)
		if err != nil {
			return withStatus(statusUsage, fmt.Errorf("--baseline: %w", err))
		}
		if len(budgets) > 0 && len(argv) > 0 {
			return withStatus(statusUsage, errors.New("--budget measures nothing; leave out the command"))
		}
		var collected collection
		subject := subjectOf(path)
		if len(argv) > 0 {
			if collected, err = measured.collect(cmd, argv); err != nil {
				return errors.Join(err, errors.New("the baseline stays as it was"))
			}
			subject = collected.rows.Subject()
		} else if len(budgets) > 0 {
			subject = ownerOf(cmd.Context(), *file, subject)
		}
		baseline, err := readBaseline(cmd.Context(), *file, subject)
		if err != nil && !errors.Is(err, errNoBaseline) {
			return err
		}
		if len(budgets) > 0 {
			if err := noneChanged(measured.flags); err != nil || prune || cmd.Flags().Changed("version") {
				return withStatus(statusUsage, errors.New("--budget measures nothing; leave out what selects, and --prune"))
			}
			return acceptBudgets(cmd, target, subject, baseline, budgets, reason)
		}
		rows, covered := collected.rows, baseline
		rows.Trees = nil // lines change with every edit
		if len(argv) == 0 {
			selected, err := measured.cells(cmd, path)
			if err != nil {
				return err
			}
			cells, selectedRows := judged(path, measured.selection, selected, baseline)
			results, err := measured.measure(cmd, path, cells)
			if err != nil {
				return errors.Join(err, errors.New("the baseline stays as it was"))
			}
			rows, covered = report.NewRows(path.Name, results), selectedRows
		}
		var gone []scenarios.Cell
		if prune {
			for _, row := range covered.Rows {
				if len(argv) > 0 && !slices.Contains(subject.Versions, row.Version) {
					continue // of a package whose tests did not run
				}
				if !slices.ContainsFunc(rows.Rows, func(r report.Row) bool { return r.Cell() == row.Cell() }) {
					gone = append(gone, row.Cell())
				}
			}
		}
		acceptance := report.Accept(baseline, rows, gone, reason)
		acceptance.DropBudgets(gone)
		var refused error
		if need := acceptance.NeedsReason(); len(need) > 0 && reason == "" {
			refused = withStatus(statusUsage, fmt.Errorf(
				"%d cells cost more or end otherwise; say why with --reason, or take it back. The baseline stays as it was", len(need)))
		} else if len(acceptance.Changed()) > 0 {
			// Somebody may have accepted something else while this was measured.
			now, err := readBaseline(cmd.Context(), *file, subject)
			if err != nil && !errors.Is(err, errNoBaseline) || !reflect.DeepEqual(now, baseline) {
				return withStatus(statusNotMeasured, fmt.Errorf("%s was changed in the meantime and stays as it is; run accept again", *file))
			}
			// First, so that it is written even if nobody reads what is printed.
			if err := target.save(acceptance.Baseline.Write); err != nil {
				return err
			}
		}
		return errors.Join(refused, out.write(cmd.OutOrStdout(), styled(text.Acceptance, acceptance), plain(json.Acceptance, acceptance)))
	}
	return cmd
}

// ownerOf returns what a baseline is about: subject, or something else that somebody has
// collected.
func ownerOf(ctx context.Context, file string, subject report.Subject) report.Subject {
	rows, err := readFile(ctx, file, report.Read)
	if err != nil || rows.Path == subject.Name {
		return subject // which says what is wrong with it
	}
	return rows.Subject()
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

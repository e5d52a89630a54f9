package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func newCompareCommand(path *scenarios.Path) *cobra.Command {
	var (
		measured measurement
		out      output
	)
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "Compare two versions, or two saved results",
		Long: `Compare shows where the costs of B differ from those of A, and which queries and checks cause
it. A and B are two versions, which it measures, or two files that 'fanout-bench run --save'
wrote. The exit status is 1 if B costs more anywhere.`,
		Example: `  fanout-bench compare v2.33.0-rc.2 v2.33.0-rc.3
  fanout-bench compare before.json after.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) != 2:
				return errors.New("compare needs two versions, or two files; for example: fanout-bench compare before.json after.json")
			case isFile(args[0]) != isFile(args[1]):
				return errors.New("compare takes two versions or two files, not one of each")
			case isFile(args[0]):
				return noneChanged(cmd)
			}
			return nil
		},
	}
	measured.addFlags(cmd)
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var (
			comparison report.Comparison
			failure    error
		)
		if isFile(args[0]) {
			var err error
			if comparison, err = compareFiles(cmd, args[0], args[1]); err != nil {
				return err
			}
		} else {
			measured.selection.Versions = args
			rows, err := measured.measureRows(cmd, path)
			if len(rows.Rows) == 0 {
				return err
			}
			comparison, failure = report.CompareVersions(rows, args[0], args[1]), err
		}
		if comparison.Count(report.Same)+comparison.Count(report.Better)+comparison.Count(report.Worse) == 0 {
			failure = errors.Join(failure, exit.With(exit.NoData,
				errors.New("nothing to compare: no measurement is in both with the same outcome")))
		}
		err := errors.Join(failure, out.write(cmd.OutOrStdout(), styled(text.Comparison, comparison), plain(json.Comparison, comparison)))
		if err == nil && comparison.Regressed() {
			return exit.With(exit.Regression, errors.New(""))
		}
		return err
	}
	return cmd
}

// isFile reports whether arg is a file, not the name of a version.
func isFile(arg string) bool {
	return isResultFile(arg) || filepath.Base(arg) != arg
}

// isResultFile reports whether arg is a file, not the name of a package either.
func isResultFile(arg string) bool {
	if filepath.Ext(arg) == ".json" {
		return true
	}
	info, err := os.Stat(arg)
	return err == nil && info.Mode().IsRegular()
}

// noneChanged rejects measurement flags with saved files.
func noneChanged(cmd *cobra.Command) error {
	if given := changed(cmd, slices.Concat(serverFlagNames, measuringFlags)...); len(given) > 0 {
		return fmt.Errorf("--%s does not apply to saved files; remove it", given[0])
	}
	return nil
}

func compareFiles(cmd *cobra.Command, a, b string) (report.Comparison, error) {
	ctx := cmd.Context()
	base, err := interrupt.ReadFile(ctx, a, report.Read)
	if err != nil {
		return report.Comparison{}, err
	}
	head, err := interrupt.ReadFile(ctx, b, report.Read)
	if err != nil {
		return report.Comparison{}, err
	}
	if base.Name != head.Name {
		return report.Comparison{}, exit.With(exit.NoData, fmt.Errorf(
			"%s is of path %q, %s of %q; compare files of one path", a, base.Name, b, head.Name))
	}
	unmeasuredNotes(cmd.ErrOrStderr(), base)
	unmeasuredNotes(cmd.ErrOrStderr(), head)
	return report.Compare(label(a), base, label(b), head), nil
}

// label returns the name of a file for a report, without its location on this machine.
func label(file string) string {
	if filepath.IsLocal(file) {
		return file
	}
	return filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file))
}

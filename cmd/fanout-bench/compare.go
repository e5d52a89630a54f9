package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/scenarios/agentauth"
)

func newCompareCommand() *cobra.Command {
	var (
		measured measurement
		out      output
	)
	cmd := &cobra.Command{
		Use:   "compare A B",
		Short: "Set two versions, or two saved results, against each other",
		Long: `Compare shows where B costs something else than A, and which statements and checks
are behind it. A and B are two versions, which it measures, or two files that
'fanout-bench run --save' wrote. The exit status is 1 if B costs more anywhere.`,
		Args: cobra.ExactArgs(2),
	}
	measured.addFlags(cmd)
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var (
			comparison report.Comparison
			failure    error
		)
		if isFile(args[0]) || isFile(args[1]) {
			if cmd.Flags().Changed("scenario") || cmd.Flags().Changed("n") {
				return withStatus(statusUsage, errors.New("--scenario and --n select what to measure; files are compared whole"))
			}
			var err error
			if comparison, err = compareFiles(args[0], args[1]); err != nil {
				return withStatus(statusNoData, err)
			}
		} else {
			measured.selection.Versions = args
			rows, err := measured.measure(cmd.Context(), agentauth.Path(), cmd.ErrOrStderr())
			if len(rows.Rows) == 0 || cmd.Context().Err() != nil {
				return err
			}
			comparison, failure = report.CompareVersions(rows, args[0], args[1]), err
		}
		var err error
		if out.format.value == formatJSON {
			err = comparison.JSON(cmd.OutOrStdout())
		} else {
			err = comparison.Text(cmd.OutOrStdout(), out.style(cmd.OutOrStdout()))
		}
		switch {
		case failure != nil:
			return failure
		case err == nil && comparison.Regressed():
			return withStatus(statusRegression, errors.New(""))
		}
		return err
	}
	return cmd
}

// isFile tells a file from the name of a version, which has no such ending.
func isFile(arg string) bool { return filepath.Ext(arg) == ".json" }

func compareFiles(a, b string) (report.Comparison, error) {
	base, err := readRows(a)
	if err != nil {
		return report.Comparison{}, err
	}
	head, err := readRows(b)
	if err != nil {
		return report.Comparison{}, err
	}
	if base.Path != head.Path {
		return report.Comparison{}, fmt.Errorf("%s is of path %q, %s of %q; they have nothing in common", a, base.Path, b, head.Path)
	}
	return report.Compare(filepath.Base(a), base, filepath.Base(b), head), nil
}

func readRows(name string) (report.Rows, error) {
	file, err := os.Open(name)
	if err != nil {
		return report.Rows{}, err
	}
	defer file.Close()
	rows, err := report.Read(file)
	if err != nil {
		return report.Rows{}, fmt.Errorf("%s: %w", name, err)
	}
	return rows, nil
}

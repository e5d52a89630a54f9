package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func newVerifyCommand(path *scenarios.Path) *cobra.Command {
	var (
		measured measurement
		out      output
	)
	cmd := &cobra.Command{
		Use:   "verify CLAIMS.md",
		Short: "Compare published figures with measured ones",
		Long: `Verify reads a Markdown table of published figures, with the columns version, scenario, n,
SQL and RBAC, and measures them in every version. For a figure that is not reproduced it says
what else has it: another version, or the number of distinct queries or checks. The exit
status is 1 if a figure is not reproduced.`,
		Example: `  fanout-bench verify results/claims/pr-24973.md`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return errors.New("verify needs one file with published figures; for example: fanout-bench verify claims.md")
			case cmd.Flags().Changed("scenario"), cmd.Flags().Changed("n"):
				return errors.New("the claims select what is measured; remove --scenario and --n")
			}
			return nil
		},
	}
	measured.addFlags(cmd)
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		claims, err := interrupt.ReadFile(cmd.Context(), args[0], claims.Read)
		if err != nil {
			return err
		}
		if measured.selection, err = claimed(path, claims); err != nil {
			return exit.With(exit.Usage, fmt.Errorf("%s: %w", args[0], err))
		}
		rows, failure := measured.measureRows(cmd, path)
		if len(rows.Rows) == 0 {
			return failure
		}
		checks := claims.Check(rows)
		if err := errors.Join(failure, out.write(cmd.OutOrStdout(), styled(text.Claims, checks), plain(json.Claims, checks))); err != nil {
			return err
		}
		if checks.Reproduced() < len(checks) {
			return exit.With(exit.Regression, errors.New(""))
		}
		return nil
	}
	return cmd
}

// claimed selects the measurements of claims in every version, because a figure that is not
// reproduced may belong to another version.
func claimed(path *scenarios.Path, claims claims.List) (selection.Selection, error) {
	var s selection.Selection
	for _, c := range claims {
		if c.N > maxN {
			return s, fmt.Errorf("a claim has n = %d; N is at most %d", c.N, maxN)
		}
		cells, err := selection.Selection{Versions: []string{c.Version}, Scenarios: []string{c.Scenario}, N: []int{c.N}}.Cells(path)
		if err != nil {
			return s, err
		}
		cell := scenarios.Cell{Scenario: c.Scenario, N: c.N, Version: c.Version}
		if !slices.Contains(cells, cell) {
			return s, fmt.Errorf("unknown measurement %s; see 'fanout-bench list'", cell)
		}
		if !slices.Contains(s.Scenarios, c.Scenario) {
			s.Scenarios = append(s.Scenarios, c.Scenario)
		}
		s.N = append(s.N, c.N)
	}
	return s, nil
}

package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/claims"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/savefile"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/report"
	"github.com/fanout-bench/fanout-bench/results"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func newRunCommand(path *scenarios.Path) *cobra.Command {
	var (
		measured measurement
		out      output
		all      bool
	)
	cmd := &cobra.Command{
		Use:   "run [-- COMMAND]",
		Short: "Measure and print what a request costs",
		Long: `Run measures and prints what one request costs and how that grows with N.

With a command after --, it runs that command and collects what its tests measure with
package fanouttest. Without a command, it measures the built-in case and compares it with
the published figures.

` + serverOfTests,
		Example: `  fanout-bench run                            # the built-in incident
  fanout-bench run --version pr-24973 --scenario agents --n 1,2,3
  fanout-bench run --save results.json -- go test ./...`,
		Args: onlyCommand,
	}
	measured.addFlags(cmd)
	measured.addVersionFlag(cmd)
	out.addFlags(cmd)
	cmd.Flags().String("save", "", "write the results to `FILE`; those of the built-in case only if they are complete")
	cmd.Flags().BoolVar(&all, "all", false, "print every scenario")
	cmd.Flags().BoolVar(&measured.runner.Stacks, "trees", false, "with --save, keep call trees; with a command they are kept anyway")
	cmd.RunE = func(cmd *cobra.Command, argv []string) error {
		files, err := savefile.OfFlags(cmd, nil, "save")
		if err == nil && measured.runner.Stacks && len(files) == 0 {
			err = errors.New("--trees needs --save FILE")
		}
		if err != nil {
			return exit.With(exit.Usage, err)
		}
		claims, err := publishedClaims()
		if err != nil {
			return err
		}
		var (
			rows    report.File
			failure error
		)
		if len(argv) > 0 {
			collected, err := measured.collect(cmd, checkout{}, argv)
			if err != nil {
				return saveNothing(files, err)
			}
			rows, claims, failure = collected.saved(), nil, collected.failed
			unmeasuredNotes(cmd.ErrOrStderr(), merge.Shortened(rows, rows.Name))
		} else {
			if err := wantsBuiltIn(cmd); err != nil {
				return err
			}
			if rows, failure = measured.measureRows(cmd, path); len(rows.Rows) == 0 {
				return failure
			}
		}
		// Save before printing, which may fail. An incomplete file of the built-in case would
		// look complete.
		if failure == nil || len(argv) > 0 {
			failure = errors.Join(failure, files.Save("save", rows.Write))
		}
		if !measured.runner.Stacks && len(argv) > 0 {
			rows.Trees = nil // the file has them, as that of gate
		}
		overview := view.NewOverview(merge.Shortened(rows, rows.Name), claims)
		write := text.Overview
		if all {
			write = text.WholeOverview
		}
		return errors.Join(failure, out.write(cmd.OutOrStdout(), styled(write, overview), rows.Write))
	}
	return cmd
}

// publishedClaims returns the published figures of the built-in case.
func publishedClaims() (claims.List, error) {
	file, err := results.Claims().Open("claims/pr-24973.md")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return claims.Read(file)
}

package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

func newListCommand(c workload.Case) *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:   "list [FILE|FOLDER...]",
		Short: "List what there is to measure",
		Long: `List shows the scenarios of saved results or baselines, such as testdata/fanout beside your
tests, and how their costs grow. Without a file it shows the versions, scenarios and workloads
of the built-in case.`,
		Example: `  fanout-bench list testdata/fanout
  fanout-bench list results.json
  fanout-bench list --format json`,
	}
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		if len(names) == 0 {
			err := out.write(cmd.OutOrStdout(), styled(text.Listing, c), plain(json.Listing, c))
			if err == nil && out.format.value == formatTable {
				_, err = fmt.Fprintln(cmd.ErrOrStderr(), "This is the built-in case. For the tests of your service: fanout-bench list testdata/fanout,\n"+
					"or FILE, where 'fanout-bench run --save FILE -- COMMAND' wrote it.")
			}
			return err
		}
		if cmd.ArgsLenAtDash() >= 0 {
			return exit.With(exit.Usage, errors.New("list runs no command; name FILEs, or use run with the command"))
		}
		rows, err := savedResults(cmd, names)
		if err != nil {
			return err
		}
		rows.Trees = nil
		short := merge.Shortened(rows, rows.Name)
		unmeasuredNotes(cmd.ErrOrStderr(), short)
		overview := view.NewOverview(short, nil)
		return out.write(cmd.OutOrStdout(), styled(text.WholeOverview, overview), rows.Write)
	}
	return cmd
}

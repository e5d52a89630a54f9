package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
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
		rows, err := collect.Files(cmd.Context(), names)
		if err != nil {
			return err
		}
		if isEmpty(rows) {
			return exit.With(exit.NoData, fmt.Errorf("%s: no results", strings.Join(names, ", ")))
		}
		unmeasuredNotes(cmd.ErrOrStderr(), merge.Shortened(rows, rows.Name))
		rows.Trees = nil
		overview := view.NewOverview(merge.Shortened(rows, rows.Name), nil)
		return out.write(cmd.OutOrStdout(), styled(text.WholeOverview, overview), rows.Write)
	}
	return cmd
}

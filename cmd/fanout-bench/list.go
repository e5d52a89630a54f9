package main

import (
	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/internal/workload"
)

func newListCommand(c workload.Case) *cobra.Command {
	var out output
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the versions, scenarios and workloads of the built-in case",
		Example: `  fanout-bench list --format json`,
		Args:    cobra.NoArgs,
	}
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return out.write(cmd.OutOrStdout(), styled(text.Listing, c), plain(json.Listing, c))
	}
	return cmd
}

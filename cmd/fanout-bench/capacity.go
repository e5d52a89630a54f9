package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/json"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/internal/capacity"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

func newCapacityCommand() *cobra.Command {
	var (
		pool = capacity.Default()
		out  output
	)
	cmd := &cobra.Command{
		Use:   "capacity FILE|FOLDER...",
		Short: "Show how many requests a second the counts allow",
		Long: `Capacity computes from saved results how many requests a second there is room for
until the pool is full, at each N and as N grows. The files are what 'fanout-bench run
--save' or 'gate --save' wrote, or baselines.

    requests/s = pool × replicas ÷ (conn. trips × (rtt + statement time))

Conn. trips are counted: each round trip of a request, once for every connection that
the request holds while it happens. The result is the most there is room for. It does
not know for how long statements run, unless --statement-time says so; what the program
does while it holds a connection; prepares; and who else uses the pool or the server.`,
		Example: `  fanout-bench capacity results.json --pool 10 --rtt 2ms
  fanout-bench capacity testdata/fanout/list.json --replicas 3 --statement-time 1ms`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("capacity needs a file with results, which 'fanout-bench run --save FILE' writes, or a baseline")
			}
			return pool.Validate()
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&pool.Connections, "pool", pool.Connections, "`connections` of the pool of each replica")
	flags.DurationVar(&pool.RoundTrip, "rtt", pool.RoundTrip, "how long a round trip to PostgreSQL takes")
	flags.IntVar(&pool.Replicas, "replicas", pool.Replicas, "how `many` replicas of the service have such a pool")
	flags.DurationVar(&pool.Statement, "statement-time", 0, "for how long the server works on what it is sent in one round trip")
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		results, err := collect.Files(cmd.Context(), args)
		if err != nil {
			return err
		}
		results = merge.Shortened(results, results.Name)
		unmeasuredNotes(cmd.ErrOrStderr(), results)
		series := pool.Of(results)
		if len(series) == 0 {
			return exit.With(exit.NoData, fmt.Errorf("%s holds no results", strings.Join(args, ", ")))
		}
		return out.write(cmd.OutOrStdout(),
			func(style term.Style) string { return text.Capacity(pool, series, style) },
			func(w io.Writer) error { return json.Capacity(w, results.Name, pool, series) })
	}
	return cmd
}

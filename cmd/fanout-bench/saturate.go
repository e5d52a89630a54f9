package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/text"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/saturation/load"
	"github.com/fanout-bench/fanout-bench/internal/selection"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

func newSaturateCommand(c workload.Case) *cobra.Command {
	var (
		s       saturate
		out     output
		details bool
	)
	cmd := &cobra.Command{
		Use:   "saturate",
		Short: "Put each version under load and show when its pool is full",
		Long: `Saturate sends the same load to each version, as a real service over HTTP with a small pool
and a slow network to PostgreSQL, and shows what becomes of the requests.

The verdict is what happened, by the share of the requests that failed: holds, degraded
or collapses. Beside it stands whether that was foretold by the pool and by how long one
request needs connections: yes, no, or too near to say. Only "no" is an error. Where
this machine was too busy, the result is invalid. Times are shown and never judged.
docs/load.md explains every word.

By default it takes about a minute. An interrupt ends it with the results so far.`,
		Example: `  fanout-bench saturate
  fanout-bench saturate --version v2.33.0-rc.3 --rate 50 --pool 20 --latency 2ms --duration 10s`,
		Args: cobra.MatchAll(cobra.NoArgs, func(cmd *cobra.Command, _ []string) error { return s.check(cmd, c) }),
	}
	s.service.add(cmd)
	flags := cmd.Flags()
	flags.IntVar(&s.service.load.Rate, "rate", 100, "`requests` per second, however many are unanswered")
	s.service.load.Duration = 5000
	flags.Var(&s.service.load.Duration, "duration", "how long requests arrive, for each version")
	flags.StringSliceVar(&s.names, "version", nil, "only these `names` (default all)")
	flags.BoolVar(&details, "details", false, "print more tables: answers, what a request needs, the pool, a victim, the course")
	out.addFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		result, failure := s.run(cmd, c)
		if len(result.Runs) == 0 {
			return failure
		}
		render := text.Saturation
		if details {
			render = text.SaturationDetails
		}
		return errors.Join(failure, out.write(cmd.OutOrStdout(), styled(render, result), result.JSON), judgeRuns(result.Runs))
	}
	return cmd
}

type saturate struct {
	service  serviceFlags
	names    []string
	versions []scenarios.Version // of these names
}

// run puts the versions under load, one after the other. Those that fail are reported to
// stderr as they come, and make the error; the result has the others.
func (s *saturate) run(cmd *cobra.Command, c workload.Case) (result saturation.Results, err error) {
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	defer func() {
		if ctx.Err() != nil {
			err = interrupted(err)
		}
	}()
	server, err := s.service.server.open(ctx, stderr, "Measuring")
	if err != nil {
		return result, err
	}
	defer stop(server.Close, &err)

	result = saturation.Results{
		Path: c.Name, Workload: s.service.workload.Name, N: s.service.n, Load: s.service.load,
		Counting: cmp.Or(s.service.workload.Counting, s.service.workload.Unit),
	}
	show := newProgress(stderr)
	defer show.clear()
	for i, version := range s.versions {
		show.line(fmt.Sprintf("%d of %d versions; %s", i, len(s.versions), term.Printable(version.Name, 60)))
		run, err := load.Run(ctx, s.service.plan(c.Path, server, version.Name))
		switch {
		case ctx.Err() != nil:
			if run.Sent > 0 {
				result.Runs = append(result.Runs, run)
			}
			return result, nil // what could not be removed, the server removes
		case err != nil:
			show.clear()
			fmt.Fprintf(stderr, "FAILED %s\n", term.PrintableLines(server.Redacted(fmt.Errorf("%s: %w", version.Name, err))))
		default:
			result.Runs = append(result.Runs, run)
		}
	}
	if failed := len(s.versions) - len(result.Runs); failed > 0 {
		return result, exit.With(exit.NotMeasured, fmt.Errorf("%d of %d versions could not be measured", failed, len(s.versions)))
	}
	return result, nil
}

// check validates the flags before anything is started.
func (s *saturate) check(cmd *cobra.Command, c workload.Case) (err error) {
	if err := s.service.check(cmd, c); err != nil {
		return err
	}
	if err := s.service.load.Validate(); err != nil {
		return err
	}
	if cmd.Flags().Changed("version") && len(s.names) == 0 {
		return errors.New("--version selects nothing; leave it out to measure all")
	}
	s.versions, err = selection.Versions(c.Path, s.names)
	return err
}

// judgeRuns returns the error that the verdicts make; the result says which and why.
func judgeRuns(runs []saturation.Run) error {
	status := exit.OK
	for _, run := range runs {
		switch {
		case run.Verdict == saturation.Invalid:
			status = exit.NotMeasured
		case run.Foretold == saturation.No:
			status = max(status, exit.Regression)
		}
	}
	if status == exit.OK {
		return nil
	}
	return exit.With(status, errors.New(""))
}

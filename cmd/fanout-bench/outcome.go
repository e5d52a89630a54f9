package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
)

// An outcome is how gate tells with its exit status what it has found.
type outcome struct {
	ratchet, exitZero, bisect, complete bool
}

func (o *outcome) addFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.ratchet, "ratchet", false, "fail, with exit status 5, on improvements that were not accepted")
	cmd.Flags().BoolVar(&o.exitZero, "exit-zero", false, "report, and exit with 0 whatever is found, or if there is nothing to compare with")
	cmd.Flags().BoolVar(&o.bisect, "bisect", false, "exit with 125 where nothing can be judged, for 'git bisect run'")
	cmd.Flags().BoolVar(&o.complete, "complete", false, "fail on what the baseline has and was not measured, even if its test may not have run")
}

// of returns err with the status that was asked for.
func (o *outcome) of(err error) error {
	if err == nil {
		return nil
	}
	switch status := exit.Of(err, exit.NotMeasured); {
	case o.bisect && errors.Is(err, collect.ErrNotStarted):
		return exit.With(exit.Skip, err)
	case o.bisect && status == exit.Usage:
		return exit.With(exit.Abort, err)
	case o.exitZero && errors.Is(err, errNoBase) && status != exit.Interrupted:
		return exit.With(exit.OK, err)
	case status == exit.Usage || status == exit.Interrupted:
		return err // a slip in the call is there from the first run on
	case o.exitZero:
		return exit.With(exit.OK, err)
	case o.bisect && (status == exit.NotMeasured || status == exit.NoData):
		return exit.With(exit.Skip, err)
	}
	return err
}

// filesAndCommand takes arguments apart at --.
func filesAndCommand(cmd *cobra.Command, args []string) (files, command []string, err error) {
	files = args
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		if files, command = args[:at], args[at:]; len(command) == 0 {
			return nil, nil, errors.New("no command follows --, such as 'go test ./...'")
		}
	}
	if len(files) > 0 && len(command) > 0 {
		return nil, nil, errors.New("saved results are judged without a command; leave out one of them")
	}
	return files, command, nil
}

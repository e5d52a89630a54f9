package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
)

// An outcome selects the exit status of gate.
type outcome struct {
	ratchet, exitZero, bisect bool
}

func (o *outcome) addFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.ratchet, "ratchet", false, "fail with exit status 5 on improvements that the baseline does not have")
	cmd.Flags().BoolVar(&o.exitZero, "exit-zero", false, "exit with 0 whatever the gate finds, also with nothing to compare with")
	cmd.Flags().BoolVar(&o.bisect, "bisect", false, "exit with 125 if nothing can be judged, for 'git bisect run'")
}

// of returns err with the selected status.
func (o *outcome) of(err error) error {
	if err == nil {
		return nil
	}
	switch status := exit.Of(err, exit.NotMeasured); {
	case o.bisect && errors.Is(err, collect.ErrNotStarted):
		return exit.With(exit.Skip, err)
	case o.exitZero && errors.Is(err, errNoBase) && status != exit.Interrupted:
		return exit.With(exit.OK, err)
	case status == exit.Usage || status == exit.Interrupted:
		return err // a wrong flag is not a finding
	case o.exitZero:
		return exit.With(exit.OK, err)
	case o.bisect && (status == exit.NotMeasured || status == exit.NoData):
		return exit.With(exit.Skip, err)
	}
	return err
}

// filesAndCommand splits arguments at --.
func filesAndCommand(cmd *cobra.Command, args []string) (files, command []string, err error) {
	files = args
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		if files, command = args[:at], args[at:]; len(command) == 0 {
			return nil, nil, errNoCommand
		}
	}
	if len(files) > 0 && len(command) > 0 {
		return nil, nil, errors.New("gate takes saved results or a command, not both; remove one")
	}
	return files, command, nil
}

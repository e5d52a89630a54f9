package exit_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
)

func TestOf(t *testing.T) {
	plain := errors.New("plain")
	with := func(statuses ...int) error {
		err := plain
		for _, status := range statuses {
			err = errors.Join(err, exit.With(status, plain))
		}
		return fmt.Errorf("wrapped: %w", err)
	}
	for _, c := range []struct {
		err  error
		want int
	}{
		{plain, 7},
		{with(exit.NoData), exit.NoData},
		{with(exit.NoData, exit.Regression), exit.Regression},
		{with(exit.Improved, exit.NoData, exit.NotMeasured), exit.NotMeasured},
		{with(exit.Regression, exit.Usage), exit.Usage},
		{with(exit.Regression, exit.Interrupted), exit.Interrupted},
		{errors.Join(exit.ErrInterrupted, with(exit.Usage)), exit.Interrupted},
		{exit.With(exit.OK, with(exit.Regression)), exit.OK}, // the outermost status wins
		{exit.With(exit.Skip, with(exit.NotMeasured)), exit.Skip},
	} {
		if got := exit.Of(c.err, 7); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

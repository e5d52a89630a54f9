package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// grace is how long a command may take to end after an interrupt.
const grace = 10 * time.Second

// ErrNotStarted is in the error of a command that is not there.
var ErrNotStarted = errors.New("it cannot be started")

// Run runs a command in folder, or in the current one if that is empty, which has some time to
// end after an interrupt.
func Run(ctx context.Context, stderr io.Writer, folder string, environ, argv []string) error {
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Dir, command.Env = folder, append(os.Environ(), environ...)
	// A file as it is: the command may write colors, and leave behind what holds on to a pipe.
	command.Stdout, command.Stderr = interrupt.Destination(stderr), interrupt.Destination(stderr)
	// With all it has started, such as tests, and time to clean up: 'go test' ignores an
	// interrupt and waits for them.
	ownGroup(command)
	command.Cancel = func() error { return interruptGroup(command) }
	command.WaitDelay = grace
	err := command.Run()
	if ctx.Err() != nil {
		killGroup(command)
	}
	var failed *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return exit.ErrInterrupted
	case errors.As(err, &failed):
		return exit.With(exit.NotMeasured, fmt.Errorf("%s: %w; what it could not measure is not judged",
			term.Printable(argv[0], 0), failed))
	case err != nil:
		return exit.With(exit.Usage, fmt.Errorf("run %s: %w: %w", term.Printable(argv[0], 0), ErrNotStarted, oserr.WithoutPath(err)))
	}
	return nil
}

package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// grace is how long a command may take to end after an interrupt.
const grace = 10 * time.Second

// ErrNotStarted is wrapped by the error of a command that does not exist.
var ErrNotStarted = errors.New("it cannot be started")

// Run runs a command in folder, or in the current folder if that is empty. After an interrupt
// the command has some time to end.
func Run(ctx context.Context, stderr io.Writer, folder string, environ, argv []string) error {
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Dir, command.Env = folder, os.Environ()
	if folder != "" {
		command.Env = append(anyRepository(), "PWD="+folder) // make and scripts take it for the current folder
	}
	command.Env = append(command.Env, environ...)
	// Pass the files directly: the command may write colors, and its children may keep a pipe open.
	command.Stdout, command.Stderr = interrupt.Destination(stderr), interrupt.Destination(stderr)
	// The whole group gets the interrupt and time to clean up: 'go test' ignores an interrupt
	// and waits for the tests.
	ownGroup(command)
	command.Cancel = func() error { return interruptGroup(command) }
	command.WaitDelay = grace
	err := command.Run()
	if ctx.Err() != nil {
		killGroup(command)
	}
	failed, ended := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return exit.ErrInterrupted
	case ended:
		return exit.With(exit.NotMeasured, fmt.Errorf("%s failed: %w; scenarios that it did not measure are not judged",
			term.Printable(argv[0], 0), failed))
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.ENOMEM):
		return exit.With(exit.NotMeasured, fmt.Errorf("run %s: this machine cannot start it now: %w", term.Printable(argv[0], 0), oserr.WithoutPath(err)))
	case err != nil:
		return exit.With(exit.Usage, fmt.Errorf("run %s: %w: %w", term.Printable(argv[0], 0), ErrNotStarted, oserr.WithoutPath(err)))
	}
	return nil
}

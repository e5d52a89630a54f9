//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

func TestWaitEndsTheProcessWhenCancelled(t *testing.T) {
	cmd := account{}.command("/", "/bin/sh", "-c", "exec sleep 600") // exec: the shell must leave no child
	p, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	select {
	case <-p.done:
	default:
		t.Error("the process still runs")
	}
}

func TestEndKillsAProcessThatIgnoresTheSignal(t *testing.T) {
	cmd := account{}.command("/", "/bin/sh", "-c", "trap '' QUIT; echo ready; while :; do sleep 1; done")
	output, ready := io.Pipe()
	cmd.Stdout = ready
	p, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := output.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	if err := p.end(syscall.SIGQUIT, 50*time.Millisecond); err != nil {
		t.Error(err)
	}
	var exit *exec.ExitError
	if !errors.As(p.err, &exit) || exit.ExitCode() != -1 {
		t.Errorf("the process ended with %v, want a signal", p.err)
	}
}

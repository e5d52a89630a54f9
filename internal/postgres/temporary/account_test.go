//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/await"
)

// TestStartKillsWhatIgnoresTheSignal uses a program that ignores the request to quit, and whose
// child does so too.
func TestStartKillsWhatIgnoresTheSignal(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd := account{}.command(ctx, "/", "/bin/sh", "-c", "trap '' QUIT; sleep 600; :")
	cmd.WaitDelay = time.Millisecond
	ended, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	group := -cmd.Process.Pid
	cancel()
	if state := <-ended; state.Success() {
		t.Errorf("it ended with %v", state)
	}
	await.Until(t, "the end of its child", func() bool { return errors.Is(syscall.Kill(group, 0), syscall.ESRCH) })
}

//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/must"
)

// TestStartKillsWhatIgnoresTheSignal uses a program that ignores the request to quit, and whose
// child does so too.
func TestStartKillsWhatIgnoresTheSignal(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd := account{}.command(ctx, "/", "/bin/sh", "-c", "trap '' QUIT; echo; sleep 600; :")
	ignoring, out, err := os.Pipe()
	must.Succeed(t, err)
	defer ignoring.Close()
	cmd.Stdout, cmd.WaitDelay = out, time.Millisecond
	ended, err := start(cmd)
	must.Succeed(t, err)
	group := -cmd.Process.Pid
	_ = out.Close()
	if _, err := ignoring.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
	cancel()
	if err := (<-ended).err; err == nil {
		t.Error("it ended by itself")
	}
	await.Until(t, "the end of its child", func() bool { return errors.Is(syscall.Kill(group, 0), syscall.ESRCH) })
}

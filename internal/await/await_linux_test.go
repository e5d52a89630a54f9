package await_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/must"
)

// TestEnded uses a process that nobody reaps until the end.
func TestEnded(t *testing.T) {
	command := exec.CommandContext(t.Context(), "cat")
	input, err := command.StdinPipe()
	must.Succeed(t, err)
	must.Succeed(t, command.Start())
	pid := command.Process.Pid
	if await.Ended(pid) || await.Ended(os.Getpid()) {
		t.Error("Ended is true for a running process")
	}
	must.Succeed(t, input.Close())
	await.Until(t, "end of a process that is not reaped", func() bool { return await.Ended(pid) })
	must.Succeed(t, command.Wait())
	if !await.Ended(pid) {
		t.Error("Ended is false for a reaped process")
	}
}

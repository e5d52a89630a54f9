package await_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/await"
)

// TestEnded uses a process that nobody reaps until the end.
func TestEnded(t *testing.T) {
	command := exec.CommandContext(t.Context(), "cat")
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	pid := command.Process.Pid
	if await.Ended(pid) || await.Ended(os.Getpid()) {
		t.Error("Ended is true for a running process")
	}
	if err := input.Close(); err != nil {
		t.Fatal(err)
	}
	await.Until(t, "end of a process that is not reaped", func() bool { return await.Ended(pid) })
	if err := command.Wait(); err != nil {
		t.Fatal(err)
	}
	if !await.Ended(pid) {
		t.Error("Ended is false for a reaped process")
	}
}

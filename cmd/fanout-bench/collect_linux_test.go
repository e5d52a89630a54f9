package main

import (
	"io"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/long"
)

// TestLongCollectEndsWhatItStarted interrupts the command while it runs a process that ignores
// interrupts, as 'go test' does.
func TestLongCollectEndsWhatItStarted(t *testing.T) {
	long.Test(t)
	p := startCommand(t, nil, "gate", "--", "sh", "-c", "trap '' INT; sleep 300 & echo $!; wait")
	line, err := p.lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		rest, _ := io.ReadAll(p.lines)
		t.Fatalf("it says %s%s", line, rest)
	}
	p.wantInterrupted(t, syscall.SIGTERM)
	await.Until(t, "end of what it started", func() bool { return await.Ended(pid) })
}

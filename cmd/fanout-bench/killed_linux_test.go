package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
)

// TestKilledCollection kills the command while it collects. The next command, or doctor, must remove
// what it left.
func TestKilledCollection(t *testing.T) {
	folder, _ := blockedFolder(t)
	collects := []string{"run", "--", "cp", filepath.Join(folder, "saved.json")}
	for name, next := range map[string]struct {
		status int
		args   []string
	}{
		// The command fails: it copies a file to a missing folder.
		"next start":     {exit.NotMeasured, collects},
		"doctor --clean": {exit.OK, []string{"doctor", "--db", "local", "--clean"}},
		"given server":   {exit.NotMeasured, []string{"run", "--database-url", "postgres://u@127.0.0.1:1/db"}},
	} {
		t.Run(name, func(t *testing.T) {
			temp := []string{"TMPDIR=" + t.TempDir()}
			p := startCommand(t, temp, "gate", "--", "sh", "-c", `echo $$ $FANOUT_OUT; exec sleep 300`)
			line, err := p.lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			number, out, _ := strings.Cut(strings.TrimSpace(line), " ")
			sleeper, err := strconv.Atoi(number)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = syscall.Kill(sleeper, syscall.SIGKILL) }()
			beside := startCommand(t, temp, next.args...)
			if status, said := beside.end(t); status != next.status {
				t.Errorf("beside it, status %d: %s", status, said)
			}
			if _, err := os.Stat(out); err != nil {
				t.Fatalf("the folder of a running command: %v", err)
			}
			if err := p.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = p.Wait()
			after := startCommand(t, temp, next.args...)
			if status, said := after.end(t); status != next.status {
				t.Errorf("status %d: %s", status, said)
			}
			if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the folder is left: %v", err)
			}
			if next.status == exit.OK && !strings.Contains(after.stdout.String(), filepath.Base(out)) {
				t.Errorf("doctor prints %s", &after.stdout)
			}
		})
	}
}

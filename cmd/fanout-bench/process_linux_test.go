package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A process is the running command.
type process struct {
	*exec.Cmd
	stdout bytes.Buffer
	lines  *bufio.Reader // of stderr
}

// startCommand starts the command with additional environment variables. The end of the test kills
// it.
func startCommand(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	p := newCommand(t, environ, args...)
	p.start(t)
	return p
}

// newCommand is startCommand without the start.
func newCommand(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0], args...)}
	p.Env = append(slices.Concat(os.Environ(), environ), asCommand+"=1", urlVariable+"=")
	p.Stdout = &p.stdout
	return p
}

func (p *process) start(t *testing.T) {
	t.Helper()
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewReader(stderr)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
}

// measuring waits until the command has its server.
func (p *process) measuring(t *testing.T) {
	t.Helper()
	line, err := p.lines.ReadString('\n')
	if !strings.HasPrefix(line, "Measuring on") {
		rest, _ := io.ReadAll(p.lines)
		t.Fatalf("the run begins with %q%s: %v", line, rest, err)
	}
}

// end waits for the command to end and returns its exit status and the rest of its stderr.
func (p *process) end(t *testing.T) (status int, said string) {
	t.Helper()
	rest, err := io.ReadAll(p.lines)
	if err != nil {
		t.Fatal(err)
	}
	var failed *exec.ExitError
	if err := p.Wait(); errors.As(err, &failed) {
		return failed.ExitCode(), string(rest)
	} else if err != nil {
		t.Fatal(err)
	}
	return 0, string(rest)
}

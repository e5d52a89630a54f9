package main

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/await"
)

// savedRow is a result file of tests, and the baseline beside them.
const savedRow = `{"schema":1,"path":"shop","rows":[
{"scenario":"order","n":1,"version":"v1","outcome":"ok","sql":1,"sql_unique":1,"rbac":0,"rbac_unique":0,"round_trips":1,"tx":0,"prepare":0,"acquires":1,"max_held":1,"statements":{"Get":1},"checks":{}}
],
"scenarios":[
{"name":"order","version":"v1","unit":"item","baseline":"testdata/fanout/order.json"}
]}
`

// blockedFolder returns a folder with a result file, its baseline and a pipe.
func blockedFolder(t *testing.T) (folder, pipe string) {
	t.Helper()
	folder = t.TempDir()
	beside := filepath.Join(folder, "testdata", "fanout")
	if err := os.MkdirAll(beside, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{filepath.Join(folder, "saved.json"), filepath.Join(beside, "order.json")} {
		if err := os.WriteFile(name, []byte(savedRow), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder, makePipe(t, folder, "pipe")
}

func makePipe(t *testing.T, folder, name string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// writeEnd waits until a process opens a pipe for reading, and returns the other end.
func writeEnd(t *testing.T, pipe string) *os.File {
	t.Helper()
	var end *os.File
	await.Until(t, "a reader of a pipe", func() bool {
		fd, err := syscall.Open(pipe, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
		if err != nil && !errors.Is(err, syscall.ENXIO) {
			t.Fatal(err)
		}
		if err == nil {
			end = os.NewFile(uintptr(fd), pipe)
		}
		return err == nil
	})
	t.Cleanup(func() { end.Close() })
	return end
}

// wantInterrupted sends a signal and requires that the command ends.
func (p *process) wantInterrupted(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if status, said := p.end(t); status != exit.Interrupted || !strings.HasSuffix(said, "interrupted\n") {
		t.Errorf("status %d: %s", status, said)
	}
}

// TestInterruptEndsReading interrupts each command while it reads a pipe, named by the user, that
// has no data or only a part.
func TestInterruptEndsReading(t *testing.T) {
	for _, test := range []struct {
		name    string
		signal  syscall.Signal
		begins  string // written to the pipe, which stays open
		environ []string
		args    []string
	}{
		{"results", syscall.SIGTERM, "", nil, []string{"report", "pipe"}},
		{"half of the results", syscall.SIGINT, savedRow[:50], nil, []string{"report", "pipe"}},
		{"a baseline to report by", syscall.SIGHUP, "", nil, []string{"report", "saved.json", "--format", "markdown", "--baseline", "pipe"}},
		{"charts", syscall.SIGTERM, "{", nil, []string{"report", "saved.json", "--format", "html", "--baseline", "saved.json", "--saturation", "pipe"}},
		{"claims", syscall.SIGTERM, "| version |\n", nil, []string{"verify", "pipe"}},
		{"one of two files", syscall.SIGINT, "", nil, []string{"compare", "./saved.json", "./pipe"}},
		{"a baseline to judge by", syscall.SIGTERM, "", nil, []string{"gate", "--baseline", "pipe"}},
		{"a baseline of a command", syscall.SIGTERM, "{", nil, []string{"gate", "--base-results", "pipe", "--", "sh", "-c", `cp saved.json "$FANOUT_OUT"`}},
		{"what a command wrote", syscall.SIGTERM, "", nil, []string{"run", "--", "sh", "-c", `ln -s "$PWD/pipe" "$FANOUT_OUT/x.json"`}},
		{"passwords", syscall.SIGTERM, "", []string{"PGPASSFILE=pipe"}, []string{"run", "--database-url", "postgres://u@127.0.0.1:1/db"}},
		{"a certificate", syscall.SIGINT, "", nil, []string{"doctor", "--database-url", "host=127.0.0.1 port=1 sslmode=verify-full sslrootcert=pipe"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder, pipe := blockedFolder(t)
			p := newCommand(t, test.environ, test.args...)
			p.Dir = folder
			p.start(t)
			end := writeEnd(t, pipe)
			if _, err := io.WriteString(end, test.begins); err != nil {
				t.Fatal(err)
			}
			p.wantInterrupted(t, test.signal)
		})
	}
}

// TestInterruptEndsOpening interrupts a command that blocks while it opens a pipe without a writer.
func TestInterruptEndsOpening(t *testing.T) {
	folder, first := blockedFolder(t)
	p := startCommand(t, nil, "compare", first, makePipe(t, folder, "second"))
	end := writeEnd(t, first)
	if _, err := io.WriteString(end, savedRow); err != nil {
		t.Fatal(err)
	}
	if err := end.Close(); err != nil {
		t.Fatal(err)
	}
	p.wantInterrupted(t, syscall.SIGTERM)
}

// TestInterruptEndsWriting interrupts a command while it writes, to stdout or for CI, and nobody
// reads.
func TestInterruptEndsWriting(t *testing.T) {
	for name, environ := range map[string][]string{
		"output":  nil,
		"summary": {"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=pipe"},
		"outputs": {"GITHUB_ACTIONS=true", "GITHUB_OUTPUT=pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			folder, _ := blockedFolder(t)
			p := newCommand(t, environ, "gate", "--", "sh", "-c", `cp saved.json "$FANOUT_OUT"`)
			p.Dir = folder
			if environ == nil {
				p.Stdout = fullPipe(t)
			}
			p.start(t)
			if line, err := p.lines.ReadString('\n'); !strings.HasPrefix(line, "Collected 1 measurement") {
				t.Fatalf("it begins with %q, %v", line, err)
			}
			p.wantInterrupted(t, syscall.SIGTERM)
		})
	}
}

// fullPipe returns the write end of a full pipe.
func fullPipe(t *testing.T) *os.File {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = read.Close(), write.Close() })
	raw, err := write.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var full error
	if err := raw.Write(func(fd uintptr) bool {
		for full == nil {
			_, full = syscall.Write(int(fd), make([]byte, 4096))
		}
		return true
	}); err != nil || !errors.Is(full, syscall.EAGAIN) {
		t.Fatal(err, full)
	}
	return write
}

// TestNotARegularFile passes folders, pipes, sockets and devices in place of files.
func TestNotARegularFile(t *testing.T) {
	folder, pipe := blockedFolder(t)
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(folder, "socket")})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, test := range []struct {
		status int
		says   string
		args   []string
	}{
		{exit.NoData, "/dev/zero: it has more than 64 MB", []string{"report", "/dev/zero"}},
		{exit.NoData, "/dev/zero: it has more than 64 MB", []string{"verify", "/dev/zero"}},
		{exit.NoData, "/dev/null: line 1: not a result file", []string{"gate", "--baseline", "/dev/null"}},
		{exit.NoData, "socket: no such device or address", []string{"report", "socket"}},
		{exit.NoData, ".: is a directory", []string{"compare", "./saved.json", "./."}},
		{exit.Usage, "pipe is not a regular file", []string{"run", "--save", pipe}},
		{exit.Usage, "pipe is not a regular file", []string{"gate", "--summary", "pipe"}},
		{exit.Usage, "/dev/full is not a regular file", []string{"gate", "--page", "/dev/full"}},
		{exit.Usage, "socket is not a regular file", []string{"report", "saved.json", "--output", "socket"}},
		{exit.Usage, "pipe is not a regular file", []string{"accept", "--baseline", "pipe"}},
	} {
		p := newCommand(t, nil, test.args...)
		p.Dir = folder
		p.start(t)
		if status, said := p.end(t); status != test.status || !strings.Contains(said, test.says) {
			t.Errorf("%q: status %d: %s", test.args, status, said)
		}
	}
}

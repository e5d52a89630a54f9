package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
)

// An owner is another process with a temporary server.
type owner struct {
	cmd        *exec.Cmd
	data       string // folder of the server's data and its socket
	postmaster int
}

func startOwner(t *testing.T) owner {
	t.Helper()
	self, err := os.Executable()
	must.Succeed(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), ownerEnv+"=1")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, err := cmd.StdoutPipe()
	must.Succeed(t, err)
	input, err := cmd.StdinPipe()
	must.Succeed(t, err)
	must.Succeed(t, cmd.Start())
	t.Cleanup(func() {
		input.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(output).ReadString('\n')
	must.Succeed(t, err)
	o := owner{cmd: cmd, data: strings.TrimSpace(line)}
	file, err := os.ReadFile(filepath.Join(o.data, "postmaster.pid"))
	if err != nil {
		t.Fatalf("%v; the owner said %q", err, line)
	}
	first, _, _ := strings.Cut(string(file), "\n")
	if o.postmaster, err = strconv.Atoi(first); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o owner) ping() error {
	conn, err := pgx.Connect(context.Background(), "user=postgres dbname=postgres sslmode=disable host="+o.data)
	if err != nil {
		return err
	}
	return conn.Close(context.Background())
}

func TestLongKilledOwner(t *testing.T) {
	long.Test(t)
	o, other := startOwner(t), startOwner(t)
	must.Succeed(t, o.cmd.Process.Kill())
	_ = o.cmd.Wait()
	await.Until(t, "end of the server of a killed process", func() bool { return await.Ended(o.postmaster) })

	// Another process may sweep at the same time, or hold the folder for a moment to look at
	// it, as doctor does. Then a later start removes it.
	await.Until(t, "removal of the folder of a killed process by the next start", func() bool {
		s, err := postgres.Open(t.Context(), postgres.Options{Mode: "local"})
		must.Succeed(t, err)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		_, err = os.Stat(filepath.Dir(o.data))
		return errors.Is(err, os.ErrNotExist)
	})
	if err := other.ping(); err != nil {
		t.Errorf("server of another process after the next start: %v", err)
	}
}

func TestLongInterruptDoesNotReachTheServer(t *testing.T) {
	long.Test(t)
	o := startOwner(t)
	// A terminal sends SIGINT to the whole group on Ctrl-C.
	must.Succeed(t, syscall.Kill(-o.cmd.Process.Pid, syscall.SIGINT))
	for range 50 {
		must.Succeed(t, o.ping())
		time.Sleep(2 * time.Millisecond)
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// An interruption ends a command before it writes its file.
type interruption struct {
	signal syscall.Signal
	args   []string
	says   string
}

// savedRun is a run that saves; the file's name follows.
var savedRun = []string{"run", "--db", "local", "--save"}

func TestInterrupt(t *testing.T) {
	interrupts(t, interruption{syscall.SIGINT, savedRun, "fanout-bench: interrupted\n"})
}

func TestLongInterrupt(t *testing.T) {
	long.Test(t)
	interrupts(t,
		interruption{syscall.SIGTERM, savedRun, "fanout-bench: interrupted\n"},
		interruption{syscall.SIGHUP, savedRun, "fanout-bench: interrupted\n"},
		interruption{syscall.SIGINT, []string{"accept", "--in-ci", "--db", "local", "--baseline"},
			"fanout-bench: interrupted\nthe baseline did not change\n"})
}

// interrupts requires that the temporary server leaves no process and no folder, and that the file
// does not change.
func interrupts(t *testing.T, tests ...interruption) {
	t.Helper()
	const old = `{"schema":1,"path":"agentauth","rows":[]}`
	for _, test := range tests {
		t.Run(test.args[0]+" "+test.signal.String(), func(t *testing.T) {
			saved := filepath.Join(t.TempDir(), "saved.json")
			if err := os.WriteFile(saved, []byte(old), 0o600); err != nil {
				t.Fatal(err)
			}
			p := startCommand(t, nil, append(slices.Clone(test.args), saved)...)
			p.measuring(t)
			servers, folders := children(t, p.Process.Pid)
			if len(servers) == 0 || len(folders) == 0 {
				t.Fatalf("found servers %v with folders %v, want one of each", servers, folders)
			}
			if err := p.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			if status, said := p.end(t); status != exit.Interrupted || said != test.says {
				t.Errorf("exit status %d, want %d: %q", status, exit.Interrupted, said)
			}
			for _, folder := range folders {
				if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s is left: %v", folder, err)
				}
			}
			for _, pid := range servers {
				await.Until(t, "end of its server", func() bool { return await.Ended(pid) })
			}
			if text, err := os.ReadFile(saved); err != nil || string(text) != old {
				t.Errorf("the saved file holds %q, %v", text, err)
			}
		})
	}
}

// children returns the child processes of parent and the data folders in their command lines.
func children(t *testing.T, parent int) (pids []int, folders []string) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it ended in the meantime
		}
		var pid, ppid int
		var state string
		_, after, _ := strings.Cut(string(text), ") ")
		if _, err := fmt.Sscan(after, &state, &ppid); err != nil || ppid != parent {
			continue
		}
		if _, err := fmt.Sscan(string(text), &pid); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
		commandLine, err := os.ReadFile(filepath.Join(filepath.Dir(stat), "cmdline"))
		if err != nil {
			t.Fatal(err)
		}
		args := strings.Split(string(commandLine), "\x00")
		if i := slices.Index(args, "-D"); i >= 0 && i+1 < len(args) {
			folders = append(folders, args[i+1])
		}
	}
	return pids, folders
}

// TestInterruptedLoad interrupts the command from the service, after an answer was counted, and so
// under load. The command must print what it measured.
func TestInterruptedLoad(t *testing.T) {
	var (
		loaded, counted atomic.Bool
		once            sync.Once
	)
	path := workload.Case{
		Path: &scenarios.Path{Name: "test", Versions: []scenarios.Version{{Name: "v1"}, {Name: "v2"}}},
		Workloads: []workload.Workload{{
			Name: "saturation", Unit: "item",
			Setup: func(_ context.Context, env scenarios.Env, _ int) (workload.Service, error) {
				return workload.Service{
					Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if _, err := env.Pool.Exec(r.Context(), "SELECT 2"); err != nil {
							w.WriteHeader(http.StatusInternalServerError)
						}
						// Requests outside of the load have a later deadline.
						if deadline, ok := r.Context().Deadline(); !ok || time.Until(deadline) > 10*time.Second {
							return
						}
						loaded.Store(true)
						if counted.Load() {
							once.Do(func() { _ = syscall.Kill(os.Getpid(), syscall.SIGINT) })
							<-r.Context().Done()
						}
					}),
					Requests: []workload.Request{{
						Method: http.MethodGet, Path: "/", Expect: http.StatusOK,
						// An answer counts before it is checked.
						Check: func([]byte) error {
							counted.Store(loaded.Load())
							return nil
						},
					}},
				}, nil
			},
		}},
	}
	before, _ := children(t, os.Getpid()) // the shared server, if another test uses it
	var stdout, stderr bytes.Buffer
	args := []string{"saturate", "--db", "local", "--rate", "20", "--deadline", "10s", "--duration", "10m"}
	if status := run(path, args, &stdout, &stderr); status != exit.Interrupted {
		t.Errorf("exit status %d: %s", status, &stderr)
	}
	for _, want := range []string{"v1: interrupted", "no verdict"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("it does not print %q: %s", want, &stdout)
		}
	}
	if strings.Contains(stdout.String(), "v2") || !strings.HasSuffix(stderr.String(), "fanout-bench: interrupted\n") {
		t.Errorf("it says %s and prints %s", &stderr, &stdout)
	}
	left, _ := children(t, os.Getpid())
	if left = slices.DeleteFunc(left, func(pid int) bool { return slices.Contains(before, pid) }); len(left) > 0 {
		t.Errorf("left processes %v", left)
	}
}

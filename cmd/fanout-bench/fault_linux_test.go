package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/workload"
	"github.com/fanout-bench/fanout-bench/scenarios"
)

// TestLongServerKilled kills the temporary server during a run.
func TestLongServerKilled(t *testing.T) {
	long.Test(t)
	saved := filepath.Join(t.TempDir(), "saved.json")
	if err := os.WriteFile(saved, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := startCommand(t, nil, "run", "--db", "local", "--repeat", "20", "--save", saved)
	run.measuring(t)
	servers, folders := children(t, run.Process.Pid)
	if len(servers) != 1 || len(folders) != 1 {
		t.Fatalf("found servers %v with folders %v, want one of each", servers, folders)
	}
	if err := syscall.Kill(servers[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	status, said := run.end(t)
	if status != exit.NotMeasured || !regexp.MustCompile(`fanout-bench: .*(closed|refused|EOF|reset|no such file|terminating)`).MatchString(said) {
		t.Errorf("status %d: %s", status, said)
	}
	if _, err := os.Stat(folders[0]); err == nil {
		t.Error("the folder is left")
	}
	if text, err := os.ReadFile(saved); err != nil || string(text) != "old" {
		t.Errorf("the saved file holds %q, %v", text, err)
	}
}

// TestLongServerKilledInEachPhase kills the temporary server at each step of a measurement. The run must
// end at once, and leave the old file and nothing else.
func TestLongServerKilledInEachPhase(t *testing.T) {
	long.Test(t)
	const runs = 1 + scenarios.MinRepeat
	for _, phase := range []struct {
		name string
		at   string // the function that kills
		call int
		says string
	}{
		{"setting up", "setup", 1, "v1 killed/0: setup: "},
		{"warming up", "run", 1, "v1 killed/0: first run, not counted: "},
		{"measuring", "run", 2, "v1 killed/0: counted run 1: "},
		{"verifying", "outcome", 1, "v1 killed/0: counted run 1: "},
		{"dropping", "outcome", runs, "clean up after test: drop scratch database "},
	} {
		t.Run(phase.name, func(t *testing.T) {
			before, others := children(t, os.Getpid()) // the shared server, if another test uses it
			var server int
			var folder string
			calls := map[string]int{}
			reached := func(at string) {
				if calls[at]++; at != phase.at || calls[at] != phase.call {
					return
				}
				servers, folders := children(t, os.Getpid())
				servers = slices.DeleteFunc(servers, func(pid int) bool { return slices.Contains(before, pid) })
				folders = slices.DeleteFunc(folders, func(folder string) bool { return slices.Contains(others, folder) })
				if len(servers) != 1 || len(folders) != 1 {
					t.Errorf("found servers %v with folders %v, want one more than %v", servers, folders, before)
					return
				}
				server, folder = servers[0], folders[0]
				backends, _ := children(t, server)
				if err := syscall.Kill(server, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
				for _, pid := range append(backends, server) {
					await.Until(t, "end of the server", func() bool { return await.Ended(pid) })
				}
			}
			path := workload.Case{Path: &scenarios.Path{
				Name: "test", Versions: []scenarios.Version{{Name: "v1"}},
				Scenarios: []scenarios.Scenario{{
					Name: "killed",
					Setup: func(ctx context.Context, env scenarios.Env) (scenarios.Operation, error) {
						reached("setup")
						_, err := env.Pool.Exec(ctx, "SELECT 1")
						return scenarios.Operation{
							Run: func(ctx context.Context) error {
								reached("run")
								_, err := env.Pool.Exec(ctx, "SELECT 2")
								return err
							},
							Outcome: func(context.Context) (string, error) {
								reached("outcome")
								return "ok", nil
							},
						}, err
					},
				}},
			}}
			saved := filepath.Join(t.TempDir(), "saved.json")
			if err := os.WriteFile(saved, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			if status := run(path, []string{"run", "--db", "local", "--save", saved}, &stdout, &stderr); status != exit.NotMeasured {
				t.Errorf("exit status %d", status)
			}
			if said := stderr.String(); !strings.Contains(said, "fanout-bench: "+phase.says) ||
				phase.name != "dropping" && !strings.HasSuffix(said, ";\nthe rest was not measured: check the server and run again\n") {
				t.Errorf("it says %s and prints %s", said, &stdout)
			}
			if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the folder is left: %v", err)
			}
			if text, err := os.ReadFile(saved); err != nil || string(text) != "old" {
				t.Errorf("the saved file holds %q, %v", text, err)
			}
		})
	}
}

// TestLongTwoRunsAtOnce requires equal counts of two parallel runs, four times.
func TestLongTwoRunsAtOnce(t *testing.T) {
	long.Test(t)
	t.Parallel()
	args := []string{"run", "--db", "local", "--scenario", "agents", "--n", "1,2", "--format", "json"}
	for range 4 {
		var group sync.WaitGroup
		outputs := make([]*process, 2)
		for i := range outputs {
			outputs[i] = startCommand(t, nil, args...)
			group.Go(func() {
				outputs[i].measuring(t)
				if status, said := outputs[i].end(t); status != exit.OK {
					t.Errorf("status %d: %s", status, said)
				}
			})
		}
		group.Wait()
		if !bytes.Equal(outputs[0].stdout.Bytes(), outputs[1].stdout.Bytes()) {
			t.Error("the two runs have different counts")
		}
	}
}

// TestLongDoctorCleansAGivenServer kills a run on a given server.
func TestLongDoctorCleansAGivenServer(t *testing.T) {
	long.Test(t)
	theirs, err := postgres.Open(t.Context(), postgres.Options{Mode: "local"})
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	config, err := theirs.Create(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	conn := config.ConnConfig
	given := (&url.URL{
		Scheme:   "postgres",
		User:     url.User(conn.User),
		Host:     ":" + strconv.Itoa(int(conn.Port)),
		Path:     conn.Database,
		RawQuery: url.Values{"host": {conn.Host}}.Encode(),
	}).String()
	doctor := func(args ...string) string {
		t.Helper()
		p := startCommand(t, nil, append([]string{"doctor", "--database-url", given}, args...)...)
		if status, said := p.end(t); status != exit.OK || said != "" {
			t.Errorf("doctor %q ends with %d: %s", args, status, said)
		}
		return p.stdout.String()
	}
	const nothing = "Killed runs left nothing on the given server.\n"

	run := startCommand(t, nil, "run", "--database-url", given, "--repeat", "50")
	run.measuring(t)
	if got := doctor("--clean"); !strings.Contains(got, nothing) {
		t.Errorf("during a run doctor prints %s", got)
	}
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if status, said := run.end(t); status != -1 || said != "" {
		t.Errorf("it ended with %d before it was killed: %s", status, said)
	}
	await.Until(t, "the server to notice that its client is gone", func() bool {
		left, _, err := theirs.Orphans(t.Context())
		return err == nil && slices.ContainsFunc(left, func(name string) bool { return name != conn.Database })
	})

	listed := regexp.MustCompile(`Scratch databases of killed runs: fanout_bench_\w+.* Remove them with --clean\.`)
	if got := doctor(); !listed.MatchString(got) || !strings.Contains(got, "A run uses url, ") {
		t.Errorf("doctor prints %s", got)
	}
	if got := doctor("--clean"); !strings.Contains(got, "Scratch databases of killed runs, removed: fanout_bench_") {
		t.Errorf("doctor --clean prints %s", got)
	}
	if got := doctor(); !strings.Contains(got, nothing) {
		t.Errorf("after --clean doctor prints %s", got)
	}
	if err := theirs.Drop(t.Context(), config); err != nil {
		t.Errorf("an older database: %v", err)
	}
}

// TestFaults lets commands on existing results fail. They must leave the old files, and nothing
// beside them.
func TestFaults(t *testing.T) {
	const (
		full     = "ulimit -S -f 0" // no file can grow
		baseline = "testdata/fanout/order.json"
		collects = `ulimit -S -f unlimited; cp more.json "$FANOUT_OUT"`
		// The runtime of Go keeps files of a control group open: more with version 1 than with 2.
		few = "export FANOUT_DB=local GODEBUG=containermaxprocs=0; ulimit -n 8"
	)
	keepInheritedFiles(t)
	more := strings.NewReplacer(`"sql":1`, `"sql":2`, `"round_trips":1`, `"round_trips":2`, `"Get":1`, `"Get":2`).Replace(savedRow)
	accepts := []string{"accept", "--reason", "x", "--", "sh", "-c", collects}
	limits := []string{"accept", "--reason", "x", "--baseline", baseline, "--budget", "order sql max=2"}
	for _, test := range []struct {
		name, before string // what the shell does first
		locked       bool   // the folder of the baseline
		status       int
		says         string
		after        string // the baseline, "" if it stays
		args         []string
	}{
		{"no space for results", full, false, exit.NotMeasured, "save old: file too large", "", []string{"run", "--save", "old", "--", "sh", "-c", collects}},
		{"no space for a page", full, false, exit.NotMeasured, "save old: file too large", "", []string{"gate", "saved.json", "--page", "old"}},
		{"no space for a summary", full, false, exit.NotMeasured, "save old: file too large", "", []string{"gate", "saved.json", "--summary", "old"}},
		{"no space for a report", full, false, exit.NotMeasured, "save old: file too large", "", []string{"report", "saved.json", "--format", "html", "--output", "old"}},
		{
			"no space for a step summary", "export GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=old; " + full, false,
			exit.NotMeasured, "write to the file in $GITHUB_STEP_SUMMARY: file too large", "", []string{"gate", "saved.json"},
		},
		{"no space for a baseline", full, false, exit.NotMeasured, "order.json: file too large", "", accepts},
		{"no space for a budget", full, false, exit.NotMeasured, "order.json: file too large", "", limits},
		{"another accept", ":", true, exit.NotMeasured, "another command is writing", "", accepts},
		{"another budget", ":", true, exit.NotMeasured, "another command is writing", "", limits},
		{"edited during accept", ":", false, exit.NotMeasured, "was changed in the meantime", more, append(accepts[:5:5], "-c", collects+"; cp more.json "+baseline)},
		{"edited during a gate", ":", false, exit.Regression, "Collected 1 measurement", more, []string{"gate", "--", "sh", "-c", collects + "; cp more.json " + baseline}},
		{"no temporary folder", "export TMPDIR=/nowhere", false, exit.NotMeasured, "set TMPDIR to another folder", "", accepts},
		{"no open files for a server", few, false, exit.NotMeasured, "too many open files", "", []string{"run", "--db", "local", "--scenario", "agents"}},
		{"no open files for a command", few, false, exit.NotMeasured, "run sh: this machine cannot start it now: too many open files", "", []string{"gate", "--", "sh", "-c", "true"}},
		{"relative temporary folder", ":", false, exit.OK, "Collected 1 measurement", "", []string{"run", "--", "sh", "-c", `cd / && cp "$OLDPWD/saved.json" "$FANOUT_OUT"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder, _ := blockedFolder(t)
			for name, text := range map[string]string{"old": "old", "more.json": more} {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Mkdir(filepath.Join(folder, "temp[1]"), 0o700); err != nil {
				t.Fatal(err)
			}
			if test.locked {
				beside, err := os.Open(filepath.Join(folder, filepath.Dir(baseline)))
				if err != nil {
					t.Fatal(err)
				}
				defer beside.Close()
				if err := syscall.Flock(int(beside.Fd()), syscall.LOCK_EX); err != nil {
					t.Fatal(err)
				}
			}
			files := func() (names []string) {
				if err := filepath.WalkDir(folder, func(name string, _ os.DirEntry, err error) error {
					names = append(names, name)
					return err
				}); err != nil {
					t.Error(err)
				}
				return names
			}
			before := files()
			p := newCommand(t, []string{"CI=", "TMPDIR=temp[1]"}, test.args...)
			p.Args = slices.Concat([]string{"sh", "-c", test.before + `; exec "$0" "$@"`}, p.Args)
			p.Path, p.Dir = "/bin/sh", folder
			p.start(t)
			if status, said := p.end(t); status != test.status || !strings.Contains(said, test.says) {
				t.Errorf("status %d: %s", status, said)
			}
			if after := files(); !slices.Equal(before, after) {
				t.Errorf("the files were %q and are %q", before, after)
			}
			for name, want := range map[string]string{"old": "old", "saved.json": savedRow, baseline: cmp.Or(test.after, savedRow)} {
				if text, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(text) != want {
					t.Errorf("%s holds %s, %v", name, text, err)
				}
			}
		})
	}
}

// keepInheritedFiles keeps the files that this process was started with from the commands of tests,
// so that these have as many open files on every machine.
func keepInheritedFiles(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}

// TestBaselineReplaced replaces a baseline while the tests of a gate or an accept run. A gate judges
// by what it read first. An accept writes nothing.
func TestBaselineReplaced(t *testing.T) {
	const (
		baseline = "testdata/fanout/order.json"
		changed  = baseline + " was changed in the meantime and stays as it is; run accept again"
		special  = baseline + " is not a regular file; remove it and run accept again"
	)
	for _, test := range []struct{ name, by, accepts string }{
		{"nothing", "true", changed},
		{"garbage", "echo x >" + baseline, changed},
		{"a folder", "mkdir " + baseline, special},
		{"a pipe", "mkfifo " + baseline, special},
		{"a link to nothing", "ln -s nowhere " + baseline, changed},
		{"a link to itself", "ln -s order.json " + baseline, changed},
		{"its folder too", "rmdir testdata/fanout", changed},
		{"a file for its folder", "rmdir testdata/fanout; echo x >testdata/fanout", "it is a file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, command := range []struct {
				args   []string
				status int
				says   string
			}{
				{[]string{"gate"}, exit.OK, "Collected 1 measurement"},
				{[]string{"accept", "--reason", "x"}, exit.NotMeasured, test.accepts},
			} {
				folder, _ := blockedFolder(t)
				listed := func() string {
					out, err := exec.CommandContext(t.Context(), "ls", "-RF", filepath.Join(folder, "testdata")).CombinedOutput()
					if err != nil {
						t.Error(err)
					}
					return string(out)
				}
				collects := `cp saved.json "$FANOUT_OUT"; rm ` + baseline + "; " + test.by + "; ls -RF $PWD/testdata >listed"
				p := newCommand(t, []string{"CI="}, append(command.args, "--", "sh", "-c", collects)...)
				p.Dir = folder
				p.start(t)
				if status, said := p.end(t); status != command.status || !strings.Contains(said, command.says) || strings.Contains(said, "--help") {
					t.Errorf("%s: status %d: %s", command.args[0], status, said)
				}
				if want, err := os.ReadFile(filepath.Join(folder, "listed")); err != nil || string(want) != listed() {
					t.Errorf("%s: there was %s, %v; there is %s", command.args[0], want, err, listed())
				}
			}
		})
	}
}

// TestDoctorWithoutServer runs doctor where no source has a server.
func TestDoctorWithoutServer(t *testing.T) {
	p := startCommand(t, []string{"DOCKER_HOST=unix:///nowhere", "FANOUT_MAVEN_URL=https://127.0.0.1:1", "FANOUT_CACHE_DIR=" + t.TempDir()},
		"doctor", "--db", "embedded")
	status, said := p.end(t)
	if status != exit.NotMeasured || !strings.HasPrefix(said, "fanout-bench: no PostgreSQL server found\nAny of these provides one:\n") {
		t.Errorf("status %d: %s", status, said)
	}
	if got := p.stdout.String(); !strings.Contains(got, "local     no: not selected\n") ||
		!strings.Contains(got, "embedded  no: the repository FANOUT_MAVEN_URL names cannot be reached") {
		t.Errorf("it prints %s", got)
	}
}

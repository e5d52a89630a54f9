package main

import (
	"bytes"
	"net/url"
	"os"
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
		left, err := theirs.Orphans(t.Context())
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

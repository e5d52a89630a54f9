//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

func TestCloseEndsRunningOperations(t *testing.T) {
	base := base(t)
	s := openIn(t, base)
	watch := connect(t, s)
	pid, err := postmaster(watch.Config().Host)
	must.Succeed(t, err)
	failed := make(chan error)
	go func() {
		_, err := s.Create(context.Background(), "SELECT pg_sleep(600)")
		failed <- err
	}()
	await.Until(t, "the statement", func() bool {
		var runs bool
		const sleeps = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)')"
		return watch.QueryRow(t.Context(), sleeps).Scan(&runs) == nil && runs
	})
	for range 2 {
		must.Succeed(t, s.Close())
	}
	if err := <-failed; err == nil || !strings.HasSuffix(err.Error(), "the server is closed") {
		t.Errorf("Create during Close: %v", err)
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the server still runs: %v", err)
	}
	wantEmpty(t, base)
	if _, err := s.Create(t.Context(), ""); err == nil || !strings.HasSuffix(err.Error(), "the server is closed") {
		t.Errorf("Create after Close: %v", err)
	}
}

// TestLongCancelledStart cancels at several points of initdb and of the server's start.
func TestLongCancelledStart(t *testing.T) {
	long.Test(t)
	base := base(t)
	for _, after := range []time.Duration{0, 10, 60, 150, 250, 350, 450} {
		ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
		s, err := in(base).Open(ctx)
		cancel()
		if err == nil { // a fast machine
			s.Close()
		}
		wantEmpty(t, base)
		wantNoProcess(t, base)
	}
}

// TestUnsuitableFolders has a newer version that does not work, and folders that do not.
func TestUnsuitableFolders(t *testing.T) {
	long := folderIn(t, base(t), strings.Repeat("long", 25))
	// As root, t.TempDir is in a folder that only root can enter.
	unsuitable := map[string]string{"long": long, "missing": filepath.Join(base(t), "missing")}
	if os.Geteuid() == 0 {
		unsuitable["locked up"] = t.TempDir()
	}
	suitable := folderIn(t, base(t), `a, "b" [c]`)
	from := in(append(slices.Collect(maps.Values(unsuitable)), suitable)...)
	from.Bins = append([]string{installFake(t, "99.1")}, from.Bins...)
	s, err := from.Open(t.Context())
	must.Succeed(t, err)
	defer s.Close()
	if config, err := s.Create(t.Context(), ""); err != nil {
		t.Error(err)
	} else if !strings.HasPrefix(config.ConnConfig.Host, suitable) {
		t.Error("the server is not in the suitable folder")
	}
	for name, folder := range unsuitable {
		t.Run(name, func(t *testing.T) {
			wantEmpty(t, folder)
			if _, err := in(folder).Open(t.Context()); err == nil {
				t.Error("no error without a second folder")
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("error has several lines: %v", err)
			}
		})
	}
}

// TestRelativeFolder starts a server in a relative TMPDIR, and removes one that was left there.
func TestRelativeFolder(t *testing.T) {
	parent := base(t)
	relative := filepath.Base(folderIn(t, parent, "relative"))
	t.Chdir(parent)
	s := openIn(t, relative)
	if config, err := s.Create(t.Context(), ""); err != nil {
		t.Error(err)
	} else if !strings.HasPrefix(config.ConnConfig.Host, filepath.Join(parent, relative)) {
		t.Errorf("the server is in %s", config.ConnConfig.Host)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	left, err := startCluster(t.Context(), installed(t), relative, Settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = left.stop() })
	left.folder.Release()
	if err := sweep(t.Context(), tempfolder.Abandoned(relative)); err != nil {
		t.Error(err)
	}
	<-left.server
	wantEmpty(t, relative)
}

// TestFailuresInSeveralFolders requires that a failure in each folder is told once.
func TestFailuresInSeveralFolders(t *testing.T) {
	missing := filepath.Join(base(t), "missing")
	_, err := in(missing, missing).Open(t.Context())
	if err == nil || strings.Count(err.Error(), "no such file or directory; set TMPDIR to another folder") != 1 {
		t.Errorf("without a folder: %v", err)
	}
	from := in(folderIn(t, base(t), "one"), folderIn(t, base(t), "two"))
	from.Settings = []string{"max_connections=none"}
	_, err = from.Open(t.Context())
	if err == nil || strings.Count(err.Error(), "FATAL") != 1 || strings.Contains(err.Error(), "You can now start") {
		t.Errorf("with a bad setting: %v", err)
	}
}

// TestEnvironmentOfAnotherServer sets the variables of another server, and its service file and
// password file.
func TestEnvironmentOfAnotherServer(t *testing.T) {
	for _, name := range []string{
		"PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGAPPNAME", "PGCONNECT_TIMEOUT",
		"PGSSLMODE", "PGSSLCERT", "PGSSLKEY", "PGSSLROOTCERT", "PGSSLCERTMODE", "PGSSLNEGOTIATION", "PGTARGETSESSIONATTRS",
		"PGTZ", "PGOPTIONS", "PGMINPROTOCOLVERSION", "PGMAXPROTOCOLVERSION", "PGCHANNELBINDING", "PGREQUIREAUTH", "PGDATA",
	} {
		t.Setenv(name, "not-for-us")
	}
	for variable, content := range map[string]string{
		"PGPASSFILE":    "*:*:*:*:not-for-us\n",
		"PGSERVICEFILE": "[other]\nhost=host.invalid\nport=1\nuser=other\npassword=not-for-us\nsslmode=require\n",
	} {
		path := filepath.Join(t.TempDir(), variable)
		must.Succeed(t, os.WriteFile(path, []byte(content), 0o600))
		t.Setenv(variable, path)
	}
	t.Setenv("PGSERVICE", "other")
	if _, err := openIn(t, base(t)).Create(t.Context(), ""); err != nil {
		t.Error(err)
	}
}

// TestServerSettings uses a umask that excludes other users.
func TestServerSettings(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	s := openIn(t, bases()...)
	conn := connect(t, s)
	for name, want := range map[string]string{
		"listen_addresses": "", "fsync": "off", "max_connections": "200", "autovacuum": "off",
		"log_min_error_statement": "panic", "TimeZone": "UTC", "server_encoding": "UTF8",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	info, err := os.Stat(conn.Config().Host)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder of the socket has mode %v, %v; want 0700", info.Mode(), err)
	}
}

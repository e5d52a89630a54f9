//go:build linux || darwin

package postgres

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestCloseLeavesNothing(t *testing.T) {
	base := base(t)
	s := openIn(t, base)
	if _, err := s.Create(t.Context(), "CREATE TABLE t (id int)"); err != nil {
		t.Fatal(err)
	}
	pid, err := postmaster(s.config.ConnConfig.Host)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the server still runs: %v", err)
	}
	wantEmpty(t, base)
	if _, err := s.Create(t.Context(), ""); !errors.Is(err, errClosed) {
		t.Errorf("Create after Close: %v", err)
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	base := base(t)
	s := openIn(t, base)
	failed := make(chan error)
	go func() {
		_, err := s.Create(context.Background(), "SELECT pg_sleep(600)")
		failed <- err
	}()
	for n := 0; n == 0; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		n = len(s.made)
		s.mu.Unlock()
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; !errors.Is(err, errClosed) {
		t.Errorf("Create during Close: %v", err)
	}
	wantEmpty(t, base)
}

// TestCancelledStart cancels at several points of initdb and of the start.
func TestCancelledStart(t *testing.T) {
	base := base(t)
	for _, after := range []time.Duration{0, 10, 60, 150, 250, 350, 450} {
		ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
		s, err := local{bins: binFolders(), bases: []string{base}}.open(ctx)
		cancel()
		if err == nil { // a fast machine
			s.Close()
		}
		wantEmpty(t, base)
		wantNoProcess(t, base)
	}
}

func TestTwoServersAtOnce(t *testing.T) {
	base := base(t)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			sweep(t.Context(), base)
			s, err := local{bins: binFolders(), bases: []string{base}}.open(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Create(t.Context(), "CREATE TABLE t (id int)"); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	wantEmpty(t, base)
}

func TestUnsuitableFolders(t *testing.T) {
	long := folderIn(t, base(t), strings.Repeat("long", 25))
	// As root, t.TempDir is in a folder that only root can enter.
	unsuitable := map[string]string{"long": long, "missing": filepath.Join(base(t), "missing"), "relative": "tmp"}
	if os.Geteuid() == 0 {
		unsuitable["locked up"] = t.TempDir()
	}
	for name, folder := range unsuitable {
		t.Run(name, func(t *testing.T) {
			suitable := base(t)
			s := openIn(t, folder, suitable)
			if !strings.HasPrefix(s.config.ConnConfig.Host, suitable) {
				t.Error("the server is not in the second folder")
			}
			wantEmpty(t, folder)
			if _, err := (local{bins: binFolders(), bases: []string{folder}}).open(t.Context()); err == nil {
				t.Error("no error without a second folder")
			} else if strings.Contains(err.Error(), folder) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error shows a path or has several lines: %v", err)
			}
		})
	}
}

func TestFolderWithSpecialCharacters(t *testing.T) {
	s := openIn(t, folderIn(t, base(t), `a, "b" [c]`))
	if _, err := s.Create(t.Context(), ""); err != nil {
		t.Error(err)
	}
	execute(t, s, "SELECT 1")
}

// TestUmask has one that closes what is made to all others, one of whom the server runs
// as where this is root.
func TestUmask(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	base := base(t)
	for _, s := range []*Server{openIn(t, base), openTCP(t, base)} {
		if _, err := s.Create(t.Context(), ""); err != nil {
			t.Error(err)
		}
	}
}

func TestAsNobody(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Log("another user can be chosen by root only; the rest of the tests cover this case")
		return
	}
	nobody, ok := accountNamed("nobody")
	if !ok {
		t.Fatal("there is no user nobody")
	}
	for _, a := range []access{onSocket, overTCP()} {
		s, err := launch(t.Context(), installed(t, nobody), nobody, base(t), a, "here", settings)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestEnvironmentOfAnotherServer sets what users of a real server have set.
func TestEnvironmentOfAnotherServer(t *testing.T) {
	for _, name := range []string{
		"PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGPASSFILE", "PGAPPNAME", "PGCONNECT_TIMEOUT",
		"PGSSLMODE", "PGSSLCERT", "PGSSLKEY", "PGSSLROOTCERT", "PGSSLCERTMODE", "PGSSLNEGOTIATION", "PGTARGETSESSIONATTRS",
		"PGTZ", "PGOPTIONS", "PGMINPROTOCOLVERSION", "PGMAXPROTOCOLVERSION", "PGCHANNELBINDING", "PGREQUIREAUTH", "PGDATA",
	} {
		t.Setenv(name, "not-for-us")
	}
	for _, s := range []*Server{openIn(t, base(t)), openTCP(t, base(t))} {
		if _, err := s.Create(t.Context(), ""); err != nil {
			t.Error(err)
		}
	}
}

// TestFilesOfAnotherServer sets a service and a password that can be read, and
// that are for every server.
func TestFilesOfAnotherServer(t *testing.T) {
	folder := t.TempDir()
	for variable, content := range map[string]string{
		"PGPASSFILE":    "*:*:*:*:not-for-us\n",
		"PGSERVICEFILE": "[other]\nhost=host.invalid\nport=1\nuser=other\npassword=not-for-us\nsslmode=require\n",
	} {
		path := filepath.Join(folder, variable)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(variable, path)
	}
	t.Setenv("PGSERVICE", "other")
	for _, s := range []*Server{openIn(t, base(t)), openTCP(t, base(t))} {
		if _, err := s.Create(t.Context(), ""); err != nil {
			t.Error(err)
		}
	}
}

func TestServerSettings(t *testing.T) {
	s := openIn(t, base(t))
	for name, want := range map[string]string{
		"listen_addresses": "", "fsync": "off", "max_connections": "200", "autovacuum": "off",
		"log_min_error_statement": "panic", "TimeZone": "UTC", "server_encoding": "UTF8",
	} {
		var got string
		if err := s.admin.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	conn, err := net.Dial("unix", socketPath(s.config.ConnConfig.Host, socketPort))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	info, err := os.Stat(s.config.ConnConfig.Host)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder of the socket has mode %v, %v; want 0700", info.Mode(), err)
	}
}

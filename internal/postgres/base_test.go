//go:build linux || darwin

package postgres

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// base returns a new folder that any user can enter, which t.TempDir is not.
func base(t testing.TB) string {
	t.Helper()
	return baseIn(t, append(slices.DeleteFunc(memoryFolders(), cramped), "/tmp")[0])
}

func baseIn(t testing.TB, parent string) string {
	t.Helper()
	path, err := os.MkdirTemp(parent, "base-") //nolint:usetesting // only its owner can enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(path) })
	openToAll(t, path)
	return path
}

// openToAll lets any user enter or run path, whatever the umask took.
func openToAll(t testing.TB, path string) {
	t.Helper()
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

// folderIn makes a folder in one that base returned.
func folderIn(t *testing.T, parent, name string) string {
	t.Helper()
	path := filepath.Join(parent, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	openToAll(t, path)
	return path
}

// scriptIn writes a program that is a shell script to a folder that base returned.
func scriptIn(t *testing.T, folder, name, script string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	openToAll(t, path)
	return path
}

// Servers that tests share which only use one, each with the folder it is in. They are
// started when first asked for.
var onSharedSocket, onSharedTCP = sharedServer(false), sharedServer(true)

type serverIn struct {
	*Server
	base string
}

func sharedServer(tcp bool) func(t *testing.T) serverIn {
	start := sync.OnceValues(func() (serverIn, error) {
		parent := append(slices.DeleteFunc(memoryFolders(), cramped), "/tmp")[0]
		base, err := os.MkdirTemp(parent, "base-")
		if err == nil {
			err = os.Chmod(base, 0o755)
		}
		if err != nil {
			return serverIn{}, err
		}
		s, err := local{bins: binFolders(), bases: []string{base}, tcp: tcp}.open(context.Background())
		AtEnd = append(AtEnd, func() error {
			if s != nil {
				err = s.Close()
			}
			return errors.Join(err, os.Remove(base))
		})
		return serverIn{s, base}, err
	})
	return func(t *testing.T) serverIn {
		t.Helper()
		s, err := start()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// AtEnd is what TestMain calls after the tests.
var AtEnd []func() error

// openIn starts a temporary server in the first of bases that allows it.
func openIn(t *testing.T, bases ...string) *Server {
	t.Helper()
	s, err := local{bins: binFolders(), bases: bases}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// openTCP starts a temporary server that is reached over TCP.
func openTCP(t *testing.T, base string) *Server {
	t.Helper()
	s, err := local{bins: binFolders(), bases: []string{base}, tcp: true}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// execute runs one statement on a new connection to the server.
func execute(t *testing.T, s *Server, sql string) {
	t.Helper()
	conn, err := pgx.ConnectConfig(context.Background(), s.config.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// wantEmpty checks that nothing is left in folder.
func wantEmpty(t *testing.T, folder string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func installed(t testing.TB, account account) programs {
	t.Helper()
	found, err := findPrograms(t.Context(), binFolders(), account)
	if err != nil {
		t.Fatal(err)
	}
	return found[0]
}

func testAccount(t testing.TB) account {
	t.Helper()
	account, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	return account
}

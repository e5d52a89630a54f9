//go:build linux || darwin

package temporary

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// base returns a new folder that, unlike t.TempDir, any user can enter.
func base(t testing.TB) string {
	t.Helper()
	return baseIn(t, append(slices.DeleteFunc(memoryFolders(), cramped), "/tmp")[0])
}

func baseIn(t testing.TB, parent string) string {
	t.Helper()
	path, err := os.MkdirTemp(parent, "base-") //nolint:usetesting // only its owner can enter t.TempDir
	must.Succeed(t, err)
	t.Cleanup(func() { os.RemoveAll(path) })
	openToAll(t, path)
	return path
}

// openToAll lets any user enter or run path, whatever the umask.
func openToAll(t testing.TB, path string) {
	t.Helper()
	must.Succeed(t, os.Chmod(path, 0o755))
}

// folderIn makes a folder in a folder from base.
func folderIn(t *testing.T, parent, name string) string {
	t.Helper()
	path := filepath.Join(parent, name)
	must.Succeed(t, os.Mkdir(path, 0o700))
	openToAll(t, path)
	return path
}

// scriptIn writes an executable shell script to a folder from base.
func scriptIn(t *testing.T, folder, name, script string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	must.Succeed(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o600))
	openToAll(t, path)
	return path
}

// in returns a source that starts servers in the first usable folder of bases.
func in(bases ...string) Source {
	return Source{Bins: InstalledBins(), From: "here", Settings: Settings, bases: bases}
}

// openIn starts a temporary server in the first usable folder of bases.
func openIn(t *testing.T, bases ...string) *scratch.Server {
	t.Helper()
	s, err := in(bases...).Open(t.Context())
	must.Succeed(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// connect returns a new connection to s.
func connect(t *testing.T, s *scratch.Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.ConnString())
	must.Succeed(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func wantEmpty(t *testing.T, folder string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func installed(t testing.TB) programs {
	t.Helper()
	found, err := findPrograms(t.Context(), InstalledBins())
	must.Succeed(t, err)
	return found[0]
}

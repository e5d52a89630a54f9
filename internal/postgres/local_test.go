//go:build linux || darwin

package postgres_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/ulikunitz/xz"

	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// TestLongEmbedded downloads an archive of the local programs, then starts again without
// the repository.
func TestLongEmbedded(t *testing.T) {
	long.Test(t)
	jar := archiveOf(t)
	sum := sha256.Sum256(jar)
	repository := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(jar)
	}))
	defer repository.Close()
	cache, err := os.MkdirTemp("/tmp", "cache-") //nolint:usetesting // only its owner can enter t.TempDir
	must.Succeed(t, err)
	defer os.RemoveAll(cache)
	must.Succeed(t, os.Chmod(cache, 0o755))
	t.Setenv("FANOUT_CACHE_DIR", cache)
	t.Setenv("FANOUT_MAVEN_URL", repository.URL+"/")
	t.Setenv("FANOUT_MAVEN_SHA256", hex.EncodeToString(sum[:]))
	var lines []string
	options := postgres.Options{Mode: "embedded", Notify: func(line string) { lines = append(lines, line) }}
	for range 2 {
		s, err := postgres.Open(t.Context(), options)
		must.Succeed(t, err)
		if _, err := s.Create(t.Context(), "CREATE TABLE t (id int)"); err != nil {
			t.Error(err)
		}
		if !strings.HasSuffix(s.Description(), ", temporary server from downloaded binaries") {
			t.Errorf("description is %q", s.Description())
		}
		must.Succeed(t, s.Close())
		repository.Close()
	}
	if len(lines) != 1 || !strings.HasSuffix(lines[0], ", once, to "+os.Getenv("FANOUT_CACHE_DIR")+".") {
		t.Errorf("notifications are %q", lines)
	}
}

// TestLeftoversOfADownload reports a download as a leftover only after its process is killed.
func TestLeftoversOfADownload(t *testing.T) {
	t.Setenv("FANOUT_CACHE_DIR", t.TempDir())
	f, err := tempfolder.New(os.Getenv("FANOUT_CACHE_DIR"), "download")
	must.Succeed(t, err)
	if slices.Contains(postgres.Leftovers(), f.Name()) {
		t.Error("a running download is reported as a leftover")
	}
	f.Release()
	if !slices.Contains(postgres.Leftovers(), f.Name()) {
		t.Error("a killed download is not reported")
	}
	_ = postgres.Sweep(t.Context()) // others may have left more
	if _, err := os.Stat(f.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Sweep left it: %v", err)
	}
}

// archiveOf packs the programs of this machine in the format of the repository.
func archiveOf(t *testing.T) []byte {
	t.Helper()
	var jar bytes.Buffer
	files := zip.NewWriter(&jar)
	file, err := files.Create("postgres.txz")
	must.Succeed(t, err)
	packed, err := xz.NewWriter(file)
	must.Succeed(t, err)
	archive := tar.NewWriter(packed)
	// initdb loads these libraries from beside the programs, and the rest from the installation.
	server, err := postgres.Open(t.Context(), postgres.Options{Mode: "local"})
	must.Succeed(t, err)
	defer server.Close()
	conn, err := pgx.Connect(t.Context(), server.ConnString())
	must.Succeed(t, err)
	defer conn.Close(t.Context())
	var installation string
	must.Succeed(t, conn.QueryRow(t.Context(), "SELECT setting FROM pg_config WHERE name = 'BINDIR'").Scan(&installation))
	installation = filepath.Dir(installation)
	for _, path := range []string{filepath.Join(installation, "bin", "initdb"), filepath.Join(installation, "bin", "postgres"),
		filepath.Join(installation, "lib", "dict_snowball.so"), filepath.Join(installation, "lib", "plpgsql.so")} {
		content, err := os.ReadFile(path)
		must.Succeed(t, err)
		must.Succeed(t, archive.WriteHeader(&tar.Header{Name: "." + strings.TrimPrefix(path, installation), Mode: 0o755, Size: int64(len(content))}))
		_, err = archive.Write(content)
		must.Succeed(t, err)
	}
	must.Succeed(t, archive.Close())
	must.Succeed(t, packed.Close())
	must.Succeed(t, files.Close())
	return jar.Bytes()
}

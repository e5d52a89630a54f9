//go:build linux || darwin

package postgres

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"

	"github.com/fanout-bench/fanout-bench/internal/long"
)

// TestLongEmbedded downloads an archive of the programs of this machine from a server on
// it, and then does without that server.
func TestLongEmbedded(t *testing.T) {
	long.Test(t)
	jar := archiveOf(t, installed(t, testAccount(t)))
	sum := sha256.Sum256(jar)
	repository := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(jar)
	}))
	defer repository.Close()
	t.Setenv("FANOUT_CACHE_DIR", filepath.Join(base(t), "cache"))
	t.Setenv("FANOUT_MAVEN_URL", repository.URL+"/")
	t.Setenv("FANOUT_MAVEN_SHA256", hex.EncodeToString(sum[:]))
	var lines []string
	options := Options{Mode: "embedded", Notify: func(line string) { lines = append(lines, line) }}
	for range 2 {
		s, err := Open(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Create(t.Context(), "CREATE TABLE t (id int)"); err != nil {
			t.Error(err)
		}
		if !strings.HasSuffix(s.Description(), ", temporary server from downloaded binaries") {
			t.Errorf("description is %q", s.Description())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		repository.Close()
	}
	if len(lines) != 1 || !strings.HasSuffix(lines[0], "it is kept in "+os.Getenv("FANOUT_CACHE_DIR")+".") {
		t.Errorf("it said %q", lines)
	}
}

// archiveOf packs p as the archives of the repository are packed.
func archiveOf(t *testing.T, p programs) []byte {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var jar bytes.Buffer
	files := zip.NewWriter(&jar)
	file, err := files.Create("postgres.txz")
	check(err)
	packed, err := xz.NewWriter(file)
	check(err)
	archive := tar.NewWriter(packed)
	// What initdb loads is looked for beside the programs, all else where it was
	// installed.
	postgres, err := filepath.EvalSymlinks(p.postgres)
	check(err)
	installation := filepath.Dir(filepath.Dir(postgres))
	for _, path := range []string{filepath.Join(installation, "bin", "initdb"), postgres,
		filepath.Join(installation, "lib", "dict_snowball.so"), filepath.Join(installation, "lib", "plpgsql.so")} {
		content, err := os.ReadFile(path)
		check(err)
		check(archive.WriteHeader(&tar.Header{Name: "." + strings.TrimPrefix(path, installation), Mode: 0o755, Size: int64(len(content))}))
		_, err = archive.Write(content)
		check(err)
	}
	check(archive.Close())
	check(packed.Close())
	check(files.Close())
	return jar.Bytes()
}

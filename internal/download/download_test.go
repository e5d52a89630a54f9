//go:build linux || darwin

package download

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ulikunitz/xz"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// A repository serves one archive and counts the requests.
type repository struct {
	jar, sum []byte
	asked    atomic.Int32
	status   int                  // of the archive; 0 is 200
	cut      int                  // bytes after which the archive breaks off
	stall    bool                 // instead of breaking off
	before   func(r http.Request) // called with each request, may be nil
}

func (r *repository) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if r.before != nil {
		r.before(*request)
	}
	switch {
	case strings.HasSuffix(request.URL.Path, ".jar.sha256"):
		_, _ = w.Write(r.sum)
	case !strings.HasSuffix(request.URL.Path, "-"+Version+".jar"):
		http.NotFound(w, request)
	case r.status != 0:
		w.WriteHeader(r.status)
	case r.cut > 0:
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(r.jar[:r.cut])
		if r.stall {
			w.(http.Flusher).Flush()
			<-request.Context().Done()
		}
	default:
		r.asked.Add(1)
		_, _ = w.Write(r.jar)
	}
}

type entry struct {
	name, text string
	mode       int64
	kind       byte
}

var programs = []entry{
	{name: "bin/", kind: tar.TypeDir, mode: 0o700},
	{name: "bin/postgres", text: "#!/bin/sh\n", mode: 0o700},
	{name: "lib/libpq.so.5.17", text: "library", mode: 0o600},
	{name: "lib/libpq.so", kind: tar.TypeSymlink, text: "libpq.so.5.17"},
}

func newRepository(t *testing.T, entries []entry) *repository {
	t.Helper()
	var jar bytes.Buffer
	files := zip.NewWriter(&jar)
	file, err := files.Create("postgres-linux-x86_64.txz")
	must.Succeed(t, err)
	packed, err := xz.NewWriter(file)
	must.Succeed(t, err)
	archive := tar.NewWriter(packed)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Mode: e.mode, Typeflag: e.kind}
		switch e.kind {
		case tar.TypeSymlink:
			header.Linkname = e.text
		case tar.TypeDir, tar.TypeFifo:
		default:
			header.Typeflag, header.Size = tar.TypeReg, int64(len(e.text))
		}
		must.Succeed(t, archive.WriteHeader(header))
		if header.Typeflag == tar.TypeReg {
			_, err := io.WriteString(archive, e.text)
			must.Succeed(t, err)
		}
	}
	must.Succeed(t, archive.Close())
	must.Succeed(t, packed.Close())
	must.Succeed(t, files.Close())
	r := &repository{}
	r.replace(jar.Bytes())
	return r
}

func serve(t *testing.T, r *repository) Cache {
	t.Helper()
	server := httptest.NewTLSServer(r)
	t.Cleanup(server.Close)
	return Cache{Folder: filepath.Join(t.TempDir(), "cache"), Repository: server.URL, client: server.Client()}
}

func TestProgramsAreFetchedOnce(t *testing.T) {
	r := newRepository(t, programs)
	c := serve(t, r)
	var lines []string
	c.Notify = func(line string) { lines = append(lines, line) }
	for range 2 {
		bin, err := c.Programs(t.Context())
		must.Succeed(t, err)
		if bin != filepath.Join(c.Folder, r.kept(t), "bin") {
			t.Errorf("the programs are in %s", bin)
		}
		for path, mode := range map[string]os.FileMode{
			bin: 0o755, bin + "/postgres": 0o744, bin + "/../lib": 0o755, bin + "/../lib/libpq.so": 0o644,
		} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: %v, %v, want %v", path, info, err, mode)
			}
		}
		c.Repository = "http://127.0.0.1:1" // offline from now on
	}
	if got := r.asked.Load(); got != 1 {
		t.Errorf("fetched %d times", got)
	}
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "Downloading PostgreSQL "+Version+" (0.0 MB) from the repository FANOUT_MAVEN_URL names, once, to ") {
		t.Errorf("notifications are %q", lines)
	}
	wantOnly(t, c.Folder, "lock", r.kept(t))
}

// kept returns the name of the folder that the archive is unpacked to.
func (r *repository) kept(t *testing.T) string {
	t.Helper()
	archive, err := archiveName()
	must.Succeed(t, err)
	return keptPrefix(archive) + r.checksum()
}

func (r *repository) checksum() string {
	sum := sha256.Sum256(r.jar)
	return hex.EncodeToString(sum[:])
}

func TestConcurrentFetchesDownloadOnce(t *testing.T) {
	r := newRepository(t, programs)
	c := serve(t, r)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := c.Programs(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := r.asked.Load(); got != 1 {
		t.Errorf("fetched %d times", got)
	}
}

func TestBadArchiveIsNotKept(t *testing.T) {
	escaping := append([]entry{{name: "../outside", text: "x", mode: 0o600}}, programs...)
	through := append([]entry{{name: "out", kind: tar.TypeSymlink, text: "/tmp"}, {name: "out/outside", text: "x"}}, programs...)
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, r *repository)
		says  string
	}{
		{"another checksum", func(_ *testing.T, r *repository) { r.sum = bytes.Repeat([]byte("0"), 64) }, "does not have the checksum"},
		{"no checksum", func(_ *testing.T, r *repository) { r.sum = []byte("<html>") }, "the published checksum is not one"},
		{"no archive", func(_ *testing.T, r *repository) { r.status = http.StatusNotFound }, "the repository FANOUT_MAVEN_URL names answers 404"},
		{"broken off", func(_ *testing.T, r *repository) { r.cut = 100 }, "the connection ended during the archive"},
		{"no jar", func(_ *testing.T, r *repository) { r.replace([]byte("no jar")) }, "the archive is not a jar"},
		{"no programs", func(t *testing.T, r *repository) { r.replace(newRepository(t, programs[:1]).jar) }, "the archive contains no server programs"},
		{"leads outside", func(t *testing.T, r *repository) { r.replace(newRepository(t, escaping).jar) }, "path escapes from parent"},
		// Go 1.25 has another text for this.
		{"leads outside by a link", func(t *testing.T, r *repository) { r.replace(newRepository(t, through).jar) }, ": unpack: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRepository(t, programs)
			test.spoil(t, r)
			c := serve(t, r)
			_, err := c.Programs(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want %q", err, test.says)
			}
			for _, hidden := range []string{c.Folder, c.Repository, "127.0.0.1"} {
				if strings.Contains(err.Error(), hidden) {
					t.Errorf("it shows %s: %v", hidden, err)
				}
			}
			wantOnly(t, c.Folder, "lock")
		})
	}
}

func (r *repository) replace(jar []byte) {
	r.jar = jar
	r.sum = []byte(r.checksum() + "  some.jar\n")
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var c Cache
	r := newRepository(t, programs)
	r.before = func(request http.Request) {
		if strings.HasSuffix(request.URL.Path, ".jar") {
			under, _ := filepath.Glob(filepath.Join(c.Folder, tempfolder.Prefix+"*"))
			if len(under) != 1 || len(tempfolder.Abandoned(c.Folder)) != 0 {
				t.Errorf("a download has no folder that is abandoned when it is killed, and only then: %q", under)
			}
			cancel()
		}
	}
	c = serve(t, r)
	if _, err := c.Programs(ctx); err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("got %v", err)
	}
	wantOnly(t, c.Folder, "lock")
}

func TestStalled(t *testing.T) {
	r := newRepository(t, programs)
	r.cut, r.stall = 100, true
	c := serve(t, r)
	c.stall = 20 * time.Millisecond
	if _, err := c.Programs(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "no data for 20ms; run again") {
		t.Errorf("got %v", err)
	}
	wantOnly(t, c.Folder, "lock")
}

func TestServerUserCanEnterTheCache(t *testing.T) {
	base := t.TempDir()
	must.Succeed(t, os.Chmod(base, 0o755))
	must.Succeed(t, os.Chmod(filepath.Dir(base), 0o755))
	defer syscall.Umask(syscall.Umask(0o077))
	c := Cache{Folder: filepath.Join(base, "a", "b")}
	must.Succeed(t, c.make())
	for _, dir := range []string{c.Folder, filepath.Dir(c.Folder)} {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("a folder that was made is %v, %v", info, err)
		}
	}
	must.Succeed(t, os.Chmod(base, 0o700))
	if err := c.make(); err != nil {
		t.Errorf("the user of this process cannot enter: %v", err)
	}
	c.Others = true
	if err := c.make(); err == nil || !strings.Contains(err.Error(), "set FANOUT_CACHE_DIR to a folder that everybody can enter") {
		t.Errorf("others can enter: %v", err)
	}
}

func wantOnly(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must.Succeed(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the cache has %q, want %q", got, names)
	}
}

//go:build linux || darwin

package download

import (
	"archive/tar"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
)

// another returns a repository whose archive holds other programs.
func another(t *testing.T) *repository {
	t.Helper()
	return newRepository(t, append(slices.Clone(programs), entry{name: "bin/psql", text: "#!/bin/sh\n", mode: 0o700}))
}

// TestAGivenChecksumIsRequired uses a repository over plain http that publishes the checksum
// of each archive.
func TestAGivenChecksumIsRequired(t *testing.T) {
	r := newRepository(t, programs)
	server := httptest.NewServer(r)
	defer server.Close()
	c := Cache{Folder: t.TempDir(), Repository: server.URL, Checksum: r.checksum()}
	_, err := c.Programs(t.Context())
	must.Succeed(t, err)
	wantOnly(t, c.Folder, "lock", r.kept(t))

	r.replace(another(t).jar)
	if _, err := c.Programs(t.Context()); err != nil {
		t.Errorf("it is there: %v", err)
	}
	c.Folder = t.TempDir()
	_, err = c.Programs(t.Context())
	if err == nil || !strings.Contains(err.Error(), "does not have the checksum in FANOUT_MAVEN_SHA256; set the checksum of embedded-postgres-binaries-") {
		t.Errorf("got %v", err)
	}
	wantOnly(t, c.Folder, "lock")
}

// TestCacheIsKeyedByChecksum asks for one archive, for another, and for any.
func TestCacheIsKeyedByChecksum(t *testing.T) {
	first, second := newRepository(t, programs), another(t)
	c := serve(t, first)
	bin, err := c.Programs(t.Context())
	must.Succeed(t, err)
	c.Checksum = second.checksum()
	if bin, ok := c.Cached(); ok {
		t.Errorf("%s is there", bin)
	}
	first.replace(second.jar)
	other, err := c.Programs(t.Context())
	must.Succeed(t, err)
	if other != filepath.Join(c.Folder, second.kept(t), "bin") || other == bin {
		t.Errorf("the other programs are in %s", other)
	}
	names := []string{"lock", filepath.Base(filepath.Dir(bin)), second.kept(t)}
	slices.Sort(names)
	wantOnly(t, c.Folder, names...)
	c.Checksum = ""
	if any, ok := c.Cached(); !ok || any != bin && any != other {
		t.Errorf("without a checksum, %q is there: %v", any, ok)
	}
	c.Checksum = strings.Repeat("0", 64)
	if bin, ok := c.Cached(); ok {
		t.Errorf("%s is there", bin)
	}
}

// TestSimilarFolderNamesAreIgnored makes folders that no download made.
func TestSimilarFolderNamesAreIgnored(t *testing.T) {
	archive, err := archiveName()
	must.Succeed(t, err)
	c := Cache{Folder: t.TempDir()}
	for _, name := range []string{
		"postgresql-" + Version, keptPrefix(archive) + "0123", keptPrefix(archive) + strings.Repeat("z", 64),
		keptPrefix(archive+"-alpine") + strings.Repeat("0", 64), keptPrefix(archive) + strings.Repeat("A", 64),
	} {
		must.Succeed(t, os.MkdirAll(filepath.Join(c.Folder, name, "bin"), 0o755))
		must.Succeed(t, os.WriteFile(filepath.Join(c.Folder, name, "bin", "postgres"), nil, 0o755))
	}
	if bin, ok := c.Cached(); ok {
		t.Errorf("%s is taken", bin)
	}
}

// TestPlainHTTPRequiresAChecksum uses a mirror over plain http, and one that redirects to it.
func TestPlainHTTPRequiresAChecksum(t *testing.T) {
	r := newRepository(t, programs)
	plain := httptest.NewServer(r)
	defer plain.Close()
	leads := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if strings.HasSuffix(request.URL.Path, ".sha256") && strings.HasPrefix(request.URL.Path, "/archive") {
			r.ServeHTTP(w, request)
			return
		}
		http.Redirect(w, request, plain.URL+request.URL.Path, http.StatusFound)
	}))
	defer leads.Close()
	for _, repository := range []string{plain.URL, leads.URL, leads.URL + "/archive"} {
		c := Cache{Folder: t.TempDir(), Repository: repository, client: leads.Client()}
		_, err := c.Programs(t.Context())
		if err == nil || !strings.Contains(err.Error(), "uses plain http") || !strings.Contains(err.Error(), "FANOUT_MAVEN_SHA256") {
			t.Errorf("%s: got %v", repository, err)
		}
		wantOnly(t, c.Folder, "lock")
		if err := c.Reach(t.Context()); (err == nil) != strings.HasSuffix(repository, "/archive") {
			t.Errorf("%s: reached: %v", repository, err)
		}
		c.Checksum = r.checksum()
		if err := c.Reach(t.Context()); err != nil {
			t.Errorf("%s, with a checksum: reached: %v", repository, err)
		}
		if _, err := c.Programs(t.Context()); err != nil {
			t.Errorf("%s, with a checksum: %v", repository, err)
		}
	}
}

func TestRepositoriesOfNoUse(t *testing.T) {
	circle := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		http.Redirect(w, request, request.URL.Path, http.StatusFound)
	}))
	defer circle.Close()
	const unreachable, noURL = "cannot be reached; check the network, or set FANOUT_MAVEN_URL to a mirror", "FANOUT_MAVEN_URL must be a URL"
	for repository, want := range map[string]string{
		circle.URL: unreachable, "https://127.0.0.1:1": unreachable, "ftp://127.0.0.1": noURL, " ": noURL, "/maven": noURL,
	} {
		c := Cache{Folder: t.TempDir(), Repository: repository, client: circle.Client()}
		if _, err := c.Programs(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", repository, err)
		}
	}
}

func TestChecksumOfTheEnvironment(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	for value, want := range map[string]string{"": "", " " + strings.ToUpper(sum) + "\n": sum} {
		t.Setenv("FANOUT_MAVEN_SHA256", value)
		if c, err := DefaultCache(); err != nil || c.Checksum != want {
			t.Errorf("%q: got %q, %v", value, c.Checksum, err)
		}
	}
	for _, value := range []string{"0a", sum + "0a", strings.Repeat("0g", 32), "sha256:" + sum} {
		t.Setenv("FANOUT_MAVEN_SHA256", value)
		if _, err := DefaultCache(); err == nil || !strings.Contains(err.Error(), "FANOUT_MAVEN_SHA256 is not a checksum; set 64 hexadecimal digits") {
			t.Errorf("%q: got %v", value, err)
		}
	}
}

// TestUnpackedSizeIsBounded unpacks archives just within and just beyond each limit.
func TestUnpackedSizeIsBounded(t *testing.T) {
	within := limits{entries: 3, total: 8 << 10}
	file := func(name string, size int) entry {
		return entry{name: name, text: strings.Repeat("x", size), mode: 0o600}
	}
	for _, test := range []struct {
		name    string
		limits  limits
		entries []entry
		fits    bool
	}{
		{"at the limit", within, []entry{file("a", 4<<10), file("b", 0), file("c", 0)}, true},
		{"a large file", within, []entry{file("a", 8<<10+1)}, false},
		{"many entries", within, []entry{file("a", 0), file("b", 0), file("c", 0), file("d", 0)}, false},
		{"skipped entries", within, []entry{{name: "fifo", kind: tar.TypeFifo}, {name: "a"}, {name: "b"}, {name: "c"}}, false},
		{"long names", limits{entries: 10, total: 3 << 10}, []entry{{name: strings.Repeat("n", 4<<10) + "/x"}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, err := os.Create(filepath.Join(t.TempDir(), "jar"))
			must.Succeed(t, err)
			defer file.Close()
			_, err = file.Write(newRepository(t, test.entries).jar)
			must.Succeed(t, err)
			err = test.limits.unpack(t.Context(), file, filepath.Join(t.TempDir(), "programs"))
			if (err == nil) != test.fits || err != nil && err.Error() != errTooMuch.Error() {
				t.Errorf("got %v", err)
			}
		})
	}
}

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestActionInstalls runs the action's download of a release. Without a release it must compile, and
// it must reject a wrong checksum.
func TestActionInstalls(t *testing.T) {
	t.Parallel()
	const file = "fanout-bench_0.1.0_linux_amd64.tar.gz"
	archive := archiveOf(t, "#!/bin/sh\necho fanout-bench of the release\n")
	sums := fmt.Sprintf("%x  %s\n", sha256.Sum256(archive), file)
	evil := archiveOf(t, "#!/bin/sh\ntouch \"$RAN\"\n")
	release := func(archive []byte, sums string) map[string]string {
		const path = "/fanout-bench/fanout-bench/releases/download/v0.1.0/"
		return map[string]string{path + file: string(archive), path + "checksums.txt": sums}
	}
	good := release(archive, sums)
	for _, test := range []struct {
		name    string
		files   map[string]string // on the server
		variant string            // NAME=VALUE that differs from the default
		compile string            // why it compiles
		refuses bool
	}{
		{name: "release", files: good},
		{name: "other checksum", files: release(evil, sums), refuses: true},
		{name: "cut short", files: release(archive[:len(archive)/2], sums), refuses: true},
		{name: "no checksum", files: release(evil, "\n"), refuses: true},
		{name: "checksum of another file", files: release(evil, strings.ReplaceAll(sums, "linux", "darwin")), refuses: true},
		{name: "no checksums", files: map[string]string{}, compile: "checksums.txt cannot be downloaded"},
		{name: "no archive", files: release(nil, sums), compile: file + " cannot be downloaded"},
		{name: "nobody listens", files: good, variant: "GITHUB_SERVER_URL=http://127.0.0.1:1", compile: "cannot be downloaded"},
		{name: "arm", files: good, variant: "RUNNER_ARCH=ARM64", compile: "fanout-bench_0.1.0_linux_arm64.tar.gz cannot be downloaded"},
		{name: "platform", files: good, variant: "RUNNER_OS=Windows", compile: "there is no download for Windows on X64"},
		{name: "branch", files: good, variant: "REF=main", compile: "main is not a release"},
		{name: "own repository", files: good, variant: "REF=", compile: "'' is not a release"},
		{name: "part of a version", files: good, variant: "REF=v0", compile: "v0 is not a release"},
		{name: "commit", files: good, variant: "REF=" + strings.Repeat("0a", 20), compile: "is not a release"},
		{name: "hostile ref", files: good, variant: "REF=v0.1.0$(touch $RAN)", compile: "is not a release"},
		{name: "hostile lines", files: good, variant: "REF=v0.1.0\n::error::x", compile: `is not a release`},
		{name: "path", files: good, variant: "REF=v0.1.0/../../v0.1.0", compile: "is not a release"},
		{name: "hostile repository", files: good, variant: "REPOSITORY=x/`touch $RAN`", compile: "is not a repository"},
		{name: "fork", files: good, variant: "REPOSITORY=somebody/fanout-bench", compile: "cannot be downloaded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if test.files[r.URL.Path] == "" {
					http.NotFound(w, r)
					return
				}
				_, _ = w.Write([]byte(test.files[r.URL.Path]))
			}))
			defer server.Close()
			folder := t.TempDir()
			bin, ran := filepath.Join(folder, "bin"), filepath.Join(folder, "ran")
			outputs, path := filepath.Join(folder, "outputs"), filepath.Join(folder, "path")
			script := exec.CommandContext(t.Context(), filepath.Join("..", "..", ".github", "action", "install.sh"))
			script.Env = append(os.Environ(), "REF=v0.1.0", "REPOSITORY=fanout-bench/fanout-bench", "RUNNER_OS=Linux", "RUNNER_ARCH=X64",
				"GITHUB_SERVER_URL="+server.URL, "GITHUB_OUTPUT="+outputs, "GITHUB_PATH="+path, "BIN="+bin, "RAN="+ran, "NO_PROXY=127.0.0.1", test.variant)
			said, err := script.CombinedOutput()
			if (err != nil) != test.refuses {
				t.Errorf("%v, want an error: %t; it says %s", err, test.refuses, said)
			}
			if test.refuses && !strings.HasPrefix(string(said), "::error title=fanout-bench::") {
				t.Errorf("it says %s", said)
			}
			if _, err := os.Stat(ran); err == nil {
				t.Error("it ran the rejected file")
			}
			if got, _ := os.ReadFile(path); string(got) != bin+"\n" {
				t.Errorf("PATH gets %q, want %q", got, bin)
			}
			got, _ := os.ReadFile(outputs)
			switch _, err := os.Stat(filepath.Join(bin, "fanout-bench")); {
			case test.compile != "":
				if string(got) != "compile=true\n" || !strings.Contains(string(said), test.compile) || strings.Contains(string(said), "\n::") {
					t.Errorf("outputs %q; it says %s", got, said)
				}
			case len(got) > 0:
				t.Errorf("outputs %q", got)
			case test.refuses == (err == nil):
				t.Errorf("installed: %v, want an error: %t", err, test.refuses)
			case !test.refuses && string(said) != "fanout-bench of the release\n":
				t.Errorf("it says %s", said)
			}
		})
	}
}

// TestActionMissingGo runs in a job without Go, and with a Go that cannot fetch another version.
func TestActionMissingGo(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{"none": "exit 127", "old": "exit 0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "go"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			outputs := filepath.Join(folder, "outputs")
			install := exec.CommandContext(t.Context(), filepath.Join("..", "..", ".github", "action", "install.sh"))
			install.Env = append(os.Environ(), "REF=main", "REPOSITORY=", "GITHUB_OUTPUT="+outputs, "GITHUB_PATH="+filepath.Join(folder, "path"),
				"BIN="+filepath.Join(folder, "bin"), "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
			if said, err := install.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			if got, _ := os.ReadFile(outputs); string(got) != "go=missing\ncompile=true\n" {
				t.Errorf("outputs %q", got)
			}
		})
	}
}

// archiveOf returns a .tar.gz with a script as fanout-bench.
func archiveOf(t *testing.T, script string) []byte {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	w := tar.NewWriter(zipped)
	if err := w.WriteHeader(&tar.Header{Name: "fanout-bench", Mode: 0o755, Size: int64(len(script))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(script)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

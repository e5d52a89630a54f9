//go:build linux || darwin

package temporary

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
)

// installFake makes a folder with shell scripts as programs: postgres prints version, and
// initdb fails.
func installFake(t *testing.T, version string) string {
	t.Helper()
	folder := base(t)
	for name, script := range map[string]string{
		"postgres": fmt.Sprintf("echo 'postgres (PostgreSQL) %s'", version),
		"initdb":   "echo 'initdb: error: no luck in \"/home/somebody/x\"' >&2; exit 1",
	} {
		scriptIn(t, folder, name, script)
	}
	return folder
}

func TestFindProgramsNewestFirst(t *testing.T) {
	folders := []string{"relative", base(t)}
	for _, v := range []string{"15.2", "9.6.24", "17.1", "19beta1", "17.10 (Debian 17.10-1)", "unknown"} {
		folders = append(folders, installFake(t, v))
	}
	linked := filepath.Join(base(t), "bin")
	must.Succeed(t, os.Symlink(folders[2], linked))
	found, err := findPrograms(t.Context(), append(folders, linked))
	must.Succeed(t, err)
	var versions []string
	for _, p := range found {
		versions = append(versions, p.version)
	}
	if got, want := strings.Join(versions, ", "), "19beta1, 17.10, 17.1, 15.2"; got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}

func TestNoUsablePrograms(t *testing.T) {
	for _, c := range []struct {
		name    string
		folders []string
		want    string
	}{
		{"none", []string{base(t)}, "no folder on PATH or of a package has both initdb and postgres"},
		{"too old", []string{installFake(t, "12.22")}, "PostgreSQL 12.22 is too old; use version 13 or newer"},
		{"no version", []string{installFake(t, "")}, "postgres --version prints no version"},
		{"failing", []string{installFake(t, "99.1")}, `PostgreSQL 99.1: initdb failed: initdb: error: no luck in "/home/somebody/x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := base(t)
			s := in(folder, base(t))
			s.Bins = c.folders
			_, err := s.Open(t.Context())
			if err == nil || err.Error() != c.want {
				t.Errorf("error is %v, want %s", err, c.want)
			}
			wantEmpty(t, folder)
		})
	}
}

func TestServerThatDoesNotStart(t *testing.T) {
	p := installed(t)
	p.initdb = scriptIn(t, base(t), "initdb", "echo done")
	p.postgres = scriptIn(t, base(t), "postgres", "echo one; echo FATAL: bad luck; exit 1")
	folder := base(t)
	_, err := startCluster(t.Context(), p, folder, Settings)
	if err == nil || err.Error() != "the server failed: one | FATAL: bad luck" {
		t.Errorf("error is %v", err)
	}
	wantEmpty(t, folder)
}

//go:build linux || darwin

package temporary

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

func makeFolder(t *testing.T, base string) *tempfolder.Folder {
	t.Helper()
	f, err := tempfolder.New(base, "pg")
	if err != nil {
		t.Fatal(err)
	}
	if err := admit(installed(t).account, f); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Release)
	return f
}

// TestSweep removes an abandoned folder, and one whose removal was interrupted.
func TestSweep(t *testing.T) {
	base := base(t)
	whole, partly := makeFolder(t, base), makeFolder(t, base)
	if err := os.Remove(data(partly)); err != nil {
		t.Fatal(err)
	}
	whole.Release()
	partly.Release()
	if err := sweep(t.Context(), tempfolder.Abandoned(base)); err != nil {
		t.Error(err)
	}
	wantEmpty(t, base)
}

func TestSweepLeavesOtherFolders(t *testing.T) {
	base := base(t)
	held := makeFolder(t, base).Path

	fresh := filepath.Join(base, tempfolder.Prefix+"fresh") // its lock is not there yet
	if err := os.Mkdir(fresh, 0o700); err != nil {
		t.Fatal(err)
	}
	target := makeFolder(t, t.TempDir())
	target.Release()
	link := filepath.Join(base, tempfolder.Prefix+"link")
	if err := os.Symlink(target.Path, link); err != nil {
		t.Fatal(err)
	}
	kept := []string{held, fresh, link, target.Path}

	if os.Geteuid() == 0 { // nobody else can give a folder away
		foreign := makeFolder(t, base)
		foreign.Release()
		if err := os.Chown(foreign.Path, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, foreign.Path)
	}

	_ = sweep(t.Context(), tempfolder.Abandoned(base))
	for _, path := range kept {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
}

// TestLongSweepStopsAnOrphan releases the lock of a running server. A killed process leaves
// that state where the system cannot stop its server.
func TestLongSweepStopsAnOrphan(t *testing.T) {
	long.Test(t)
	base := base(t)
	c, err := startCluster(t.Context(), installed(t), base, Settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.stop() })
	c.folder.Release()
	if err := sweep(t.Context(), tempfolder.Abandoned(base)); err != nil {
		t.Error(err)
	}
	<-c.server
	wantEmpty(t, base)
}

func TestPostmasterRefusesInvalidProcessIDs(t *testing.T) {
	for _, content := range []string{"", "12", "-5\n", "0\n", "1\n", "x\n"} {
		data := t.TempDir()
		if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if pid, err := postmaster(data); err == nil {
			t.Errorf("%q names process %d", content, pid)
		}
	}
}

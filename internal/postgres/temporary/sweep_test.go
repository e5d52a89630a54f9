//go:build linux || darwin

package temporary

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

func makeFolder(t *testing.T, base string) *tempfolder.Folder {
	t.Helper()
	f, err := tempfolder.New(base, "pg")
	must.Succeed(t, err)
	must.Succeed(t, admit(installed(t).account, f))
	t.Cleanup(f.Release)
	return f
}

// TestSweep removes an abandoned folder, and one whose removal was interrupted.
func TestSweep(t *testing.T) {
	base := base(t)
	whole, partly := makeFolder(t, base), makeFolder(t, base)
	must.Succeed(t, os.Remove(data(partly)))
	whole.Release()
	partly.Release()
	must.Succeed(t, sweep(t.Context(), tempfolder.Abandoned(base)))
	wantEmpty(t, base)
}

func TestSweepLeavesOtherFolders(t *testing.T) {
	base := base(t)
	held := makeFolder(t, base).Path

	fresh := filepath.Join(base, tempfolder.Prefix+"fresh") // its lock is not there yet
	must.Succeed(t, os.Mkdir(fresh, 0o700))
	target := makeFolder(t, t.TempDir())
	target.Release()
	link := filepath.Join(base, tempfolder.Prefix+"link")
	must.Succeed(t, os.Symlink(target.Path, link))
	kept := []string{held, fresh, link, target.Path}

	if os.Geteuid() == 0 { // nobody else can give a folder away
		foreign := makeFolder(t, base)
		foreign.Release()
		must.Succeed(t, os.Chown(foreign.Path, 65534, 65534))
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
	must.Succeed(t, err)
	t.Cleanup(func() { _ = c.stop() })
	c.folder.Release()
	must.Succeed(t, sweep(t.Context(), tempfolder.Abandoned(base)))
	<-c.server
	wantEmpty(t, base)
}

func TestPostmasterRefusesInvalidProcessIDs(t *testing.T) {
	for _, content := range []string{"", "12", "-5\n", "0\n", "1\n", "x\n"} {
		data := t.TempDir()
		must.Succeed(t, os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(content), 0o600))
		if pid, err := postmaster(data); err == nil {
			t.Errorf("%q names process %d", content, pid)
		}
	}
}

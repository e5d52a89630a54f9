//go:build linux || darwin

package tempfolder_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

func newFolder(t *testing.T, base string) *tempfolder.Folder {
	t.Helper()
	f, err := tempfolder.New(base, "test")
	must.Succeed(t, err)
	t.Cleanup(f.Release)
	return f
}

// TestAbandoned uses a held folder, an abandoned one, and names that only look similar.
func TestAbandoned(t *testing.T) {
	base := filepath.Join(t.TempDir(), "[a]*") // no pattern
	must.Succeed(t, os.Mkdir(base, 0o700))
	held, left := newFolder(t, base), newFolder(t, base)
	left.Release()
	for _, name := range []string{tempfolder.Prefix + "no-lock", "other"} {
		must.Succeed(t, os.Mkdir(filepath.Join(base, name), 0o700))
	}
	pipe := newFolder(t, base)
	pipe.Release()
	must.Succeed(t, os.Remove(pipe.File(tempfolder.LockName)))
	must.Succeed(t, os.Symlink(held.File(tempfolder.LockName), pipe.File(tempfolder.LockName)))

	found := tempfolder.Abandoned(base)
	if len(found) != 1 || found[0].Path != left.Path {
		t.Fatalf("found %v", found)
	}
	if again := tempfolder.Abandoned(base); len(again) != 0 {
		t.Errorf("a taken-over folder is found again: %v", again[0].Name())
	}
	must.Succeed(t, os.WriteFile(found[0].File("more"), nil, 0o600))
	must.Succeed(t, found[0].Remove())
	if _, err := os.Stat(left.Path); !os.IsNotExist(err) {
		t.Errorf("the folder remains: %v", err)
	}
	must.Succeed(t, held.Remove())
}

// TestHeldBy uses a command that outlives the maker of the folder.
func TestHeldBy(t *testing.T) {
	base := t.TempDir()
	f := newFolder(t, base)
	cmd := exec.CommandContext(t.Context(), "cat")
	f.HeldBy(cmd)
	input, err := cmd.StdinPipe()
	must.Succeed(t, err)
	must.Succeed(t, cmd.Start())
	f.Release()
	if found := tempfolder.Abandoned(base); len(found) != 0 {
		t.Error("the folder of a running command is reported as abandoned")
	}
	must.Succeed(t, input.Close())
	must.Succeed(t, cmd.Wait())
	found := tempfolder.Abandoned(base)
	if len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	found[0].Release()
}

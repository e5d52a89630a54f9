//go:build linux || darwin

package postgres

import (
	"slices"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/docker"
)

// TestContainersOfTheLivingStay has containers of a run that lives, of one that was
// killed, and of one on another machine.
func TestContainersOfTheLivingStay(t *testing.T) {
	base := base(t)
	t.Setenv("TMPDIR", base)
	living, killed := makeFolder(t, base), makeFolder(t, base)
	killed.release()
	l := Leftovers{Folders: abandonedOwners()}
	if slices.Contains(l.Folders, living.owner()) || !slices.Contains(l.Folders, killed.owner()) {
		t.Fatalf("killed runs are %q", l.Folders)
	}
	l.sort([]docker.Container{
		{ID: "living", Owner: living.owner()},
		{ID: "living, ended", Owner: living.owner(), Ended: true},
		{ID: "killed", Owner: killed.owner()},
		{ID: "killed, ended", Owner: killed.owner(), Ended: true},
		{ID: "elsewhere", Owner: folderPrefix + "elsewhere"},
		{ID: "elsewhere, ended", Owner: folderPrefix + "elsewhere", Ended: true},
	})
	if want := []string{"killed", "killed, ended", "elsewhere, ended"}; !slices.Equal(l.Containers, want) {
		t.Errorf("containers %q are left, want %q", l.Containers, want)
	}
	if want := []string{"elsewhere"}; !slices.Equal(l.Strangers, want) {
		t.Errorf("containers %q may be left, want %q", l.Strangers, want)
	}
}

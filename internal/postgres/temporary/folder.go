//go:build linux || darwin

package temporary

import (
	"os"
	"slices"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// retryInterval is how often a failed removal is retried.
const retryInterval = 25 * time.Millisecond

// A folder is the temporary folder of a server:
//
//	log     output of the server and initdb
//	data    the data folder with the socket; only the server's user can enter it
//
// Folder and log belong to the user of this process even if the server runs as another user.
type folder struct{ *tempfolder.Folder }

// admit makes the data folder and lets account enter it.
func (f *folder) admit(account account) error {
	if err := os.Mkdir(f.data(), 0o700); err != nil {
		return err
	}
	if account.credential == nil {
		return nil
	}
	if err := os.Chmod(f.Path, 0o711); err != nil {
		return err
	}
	if err := os.Chown(f.data(), int(account.credential.Uid), int(account.credential.Gid)); err != nil {
		return err
	}
	// Without CAP_DAC_OVERRIDE root can neither connect nor later remove the files.
	_, err := os.ReadDir(f.data())
	return err
}

func (f *folder) data() string { return f.File("data") }
func (f *folder) log() string  { return f.File("log") }

// remove removes the folder and, first, the shared memory of a killed server, which only
// files in the folder identify.
func (f *folder) remove() error {
	err := removeMemory(f.data())
	// The children of a killed server end a little later.
	for deadline := time.Now().Add(killLimit); err != nil && time.Now().Before(deadline); err = removeMemory(f.data()) {
		time.Sleep(retryInterval)
	}
	if err != nil {
		f.Release()
		return err
	}
	// A killed process may still be writing its last file.
	for range 20 {
		if err = f.Remove(); err == nil {
			return nil
		}
		time.Sleep(retryInterval)
	}
	f.Release()
	return err
}

// bases returns the parent folders for a temporary folder, best first.
func bases() []string {
	return distinct(append(slices.DeleteFunc(memoryFolders(), cramped), diskFolders()...))
}

// allBases returns every folder where other processes may have made one, and another.
func allBases(another string) []string {
	return distinct(slices.Concat(memoryFolders(), diskFolders(), []string{another}))
}

func diskFolders() []string { return []string{os.TempDir(), "/tmp"} }

// distinct removes repeats and keeps the order.
func distinct(texts []string) []string {
	var kept []string
	for _, t := range texts {
		if !slices.Contains(kept, t) {
			kept = append(kept, t)
		}
	}
	return kept
}

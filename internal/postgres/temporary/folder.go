//go:build linux || darwin

package temporary

import (
	"os"
	"slices"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// retryInterval is how often what cannot be removed yet is tried again.
const retryInterval = 25 * time.Millisecond

// A folder is the temporary folder of a server:
//
//	log     what the server and initdb say
//	data    the data folder and the socket; only the server's user can enter it
//
// Folder and log belong to the user of this process even where the server runs as another
// one.
type folder struct{ *tempfolder.Folder }

// admit makes the data folder and lets account reach it.
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
	// A root without CAP_DAC_OVERRIDE could neither connect nor, once there are
	// files in the folder, remove it.
	_, err := os.ReadDir(f.data())
	return err
}

func (f *folder) data() string { return f.File("data") }
func (f *folder) log() string  { return f.File("log") }

// remove removes the folder, and the shared memory of a server that was killed, which only
// the folder tells of.
func (f *folder) remove() error {
	err := removeMemory(f.data())
	// What a killed server had started ends by itself, a little later.
	for deadline := time.Now().Add(killLimit); err != nil && time.Now().Before(deadline); err = removeMemory(f.data()) {
		time.Sleep(retryInterval)
	}
	if err != nil {
		f.Release()
		return err
	}
	// A process that was just killed may still be adding its last file.
	for range 20 {
		if err = f.Remove(); err == nil {
			return nil
		}
		time.Sleep(retryInterval)
	}
	f.Release()
	return err
}

// bases returns the folders in which a temporary folder can be made, best first.
func bases() []string {
	return distinct(append(slices.DeleteFunc(memoryFolders(), cramped), diskFolders()...))
}

// allBases returns those in which there can be one of another process, and another.
func allBases(another string) []string {
	return distinct(slices.Concat(memoryFolders(), diskFolders(), []string{another}))
}

func diskFolders() []string { return []string{os.TempDir(), "/tmp"} }

// distinct returns texts without repeats, in order.
func distinct(texts []string) []string {
	var kept []string
	for _, t := range texts {
		if !slices.Contains(kept, t) {
			kept = append(kept, t)
		}
	}
	return kept
}

package temporary

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent makes the kernel quit the server when this process dies, even of SIGKILL. See
// start for threads.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }

// memoryFolders returns folders kept in memory, where initdb is three times as fast as on disk.
func memoryFolders() []string { return []string{"/dev/shm"} }

// leastRoom, in bytes, is several times what a run needs, and more than the 64 MB that Docker
// gives a container by default.
const leastRoom = 512 << 20

// cramped reports whether a memory folder is missing or too small.
func cramped(folder string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(folder, &fs) != nil || fs.Bavail*uint64(fs.Bsize) <= leastRoom
}

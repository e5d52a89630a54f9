package temporary

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent makes the kernel tell the server to quit when this process
// dies, even of SIGKILL. See start for what the kernel takes for its death.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }

// memoryFolders returns folders that are kept in memory, where initdb takes a
// third of the time it takes on a disk.
func memoryFolders() []string { return []string{"/dev/shm"} }

// leastRoom, in bytes, is several times what a run needs. Docker gives a
// container 64 MB unless told otherwise, which is too little.
const leastRoom = 512 << 20

// cramped reports whether a memory folder is missing or has not enough room.
func cramped(folder string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(folder, &fs) != nil || fs.Bavail*uint64(fs.Bsize) <= leastRoom
}

package postgres

import "golang.org/x/sys/unix"

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

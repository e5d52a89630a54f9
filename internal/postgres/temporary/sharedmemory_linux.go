package temporary

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// PostgreSQL removes the shared memory of a killed server when it next starts in the data
// folder. This file reads the same data. The pid file names a segment whose header says which
// folder it belongs to and which other memory there is. The format is the same since version
// 10 on 64 bits. Memory with another header is not provably ours and stays.
const (
	memoryKeyLine = 6 // of the pid file: the key and the number of the segment

	segmentMagic  = 679834894
	segmentHeader = 56 // bytes
	controlMagic  = 0x9a503d32
	controlHeader = 16 // bytes, before the items

	sharedMemory = "/dev/shm/PostgreSQL."
)

// removeMemory removes the shared memory that a killed server or initdb left for the folder
// data. It returns an error if a process still uses it.
func removeMemory(data string) error {
	left, ok := memoryLeft(data)
	if !ok {
		return nil
	}
	if left.used {
		return errors.New("the shared memory of the killed server is still in use")
	}
	removeControlled(left.control, left.owner)
	_, _ = unix.SysvShmCtl(left.segment, unix.IPC_RMID, nil)
	return nil
}

// A memory is the shared memory of one server.
type memory struct {
	segment int
	control uint32 // the handle of the list of other memory
	owner   uint32
	used    bool
}

// memoryLeft returns the memory that the pid file in data leads to. ok is false if there is
// none that is provably of data: the server ended normally or early, or another program has
// the segment number now.
func memoryLeft(data string) (left memory, ok bool) {
	lines, err := pidFile(data)
	if err != nil || len(lines) <= memoryKeyLine {
		return memory{}, false
	}
	var (
		key     uint32
		folder  unix.Stat_t
		segment unix.SysvShmDesc
	)
	if _, err := fmt.Sscan(lines[memoryKeyLine], &key, &left.segment); err != nil || unix.Stat(data, &folder) != nil {
		return memory{}, false
	}
	if _, err := unix.SysvShmCtl(left.segment, unix.IPC_STAT, &segment); err != nil {
		return memory{}, false
	}
	left.owner, left.used = folder.Uid, segment.Nattch > 0
	if uint32(segment.Perm.Key) != key || segment.Perm.Cuid != left.owner || segment.Segsz < segmentHeader {
		return memory{}, false
	}
	header, err := unix.SysvShmAttach(left.segment, 0, unix.SHM_RDONLY)
	if err != nil {
		return memory{}, false
	}
	defer func() { _ = unix.SysvShmDetach(header) }()
	order := binary.NativeEndian
	left.control = order.Uint32(header[24:])
	return left, order.Uint32(header) == segmentMagic && order.Uint64(header[40:]) == folder.Dev && order.Uint64(header[48:]) == folder.Ino
}

// removeControlled removes the memory in the list of a handle, and the list.
func removeControlled(handle, owner uint32) {
	list, err := readMemory(handle, owner)
	if err != nil || len(list) < controlHeader {
		return
	}
	order := binary.NativeEndian
	items, most := order.Uint32(list[4:]), order.Uint32(list[8:])
	if order.Uint32(list) != controlMagic || most == 0 || items > most {
		return
	}
	// The size of an item differs between versions. It begins with a handle and a reference
	// count.
	size := (len(list) - controlHeader) / int(most)
	for i := range int(items) {
		item := list[controlHeader+i*size:]
		if size >= 8 && order.Uint32(item[4:]) > 0 {
			if other := order.Uint32(item); ofOwner(other, owner) {
				_ = os.Remove(memoryPath(other))
			}
		}
	}
	_ = os.Remove(memoryPath(handle))
}

func memoryPath(handle uint32) string { return fmt.Sprint(sharedMemory, handle) }

func ofOwner(handle, owner uint32) bool {
	info, err := os.Lstat(memoryPath(handle))
	return err == nil && info.Mode().IsRegular() && info.Sys().(*syscall.Stat_t).Uid == owner
}

func readMemory(handle, owner uint32) ([]byte, error) {
	if !ofOwner(handle, owner) {
		return nil, os.ErrNotExist
	}
	file, err := os.OpenFile(memoryPath(handle), os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, 1<<20))
}

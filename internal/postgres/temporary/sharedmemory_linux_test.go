package temporary

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// memoryOf returns the memory and the process of the server or initdb step in the folder data.
// ok is false if some of the memory is missing.
func memoryOf(data string) (m memory, pid int, ok bool) {
	m, ok = memoryLeft(data)
	if !ok || !ofOwner(m.control, m.owner) {
		return m, 0, false
	}
	lines, err := pidFile(data)
	if err != nil {
		return m, 0, false
	}
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	return m, max(pid, -pid), err == nil // below zero without a postmaster
}

// stopInitdb waits until a step of initdb has shared memory, and stops all processes of
// initdb. It returns their group.
func stopInitdb(t *testing.T, data string) (group int, m memory) {
	t.Helper()
	await.Until(t, "a step of initdb", func() bool {
		_, pid, ok := memoryOf(data)
		if !ok {
			return false
		}
		var err error
		if group, err = syscall.Getpgid(pid); err != nil || group == syscall.Getpgrp() {
			return false // it has ended
		}
		_ = syscall.Kill(-group, syscall.SIGSTOP)
		if m, _, ok = memoryOf(data); !ok { // the step has
			_ = syscall.Kill(-group, syscall.SIGCONT)
		}
		return ok
	})
	return group, m
}

func segmentExists(segment int) bool {
	_, err := unix.SysvShmCtl(segment, unix.IPC_STAT, &unix.SysvShmDesc{})
	return err == nil
}

func wantGone(t *testing.T, m memory) {
	t.Helper()
	if segmentExists(m.segment) {
		t.Errorf("segment %d is left", m.segment)
	}
	if ofOwner(m.control, m.owner) {
		t.Errorf("%s is left", memoryPath(m.control))
	}
}

// TestStopRemovesTheMemoryOfAKilledServer uses a server with memory outside of its folder,
// as initdb has.
func TestStopRemovesTheMemoryOfAKilledServer(t *testing.T) {
	base := base(t)
	c, err := startCluster(t.Context(), installed(t), base, []string{"dynamic_shared_memory_type=posix"})
	must.Succeed(t, err)
	m, pid, ok := memoryOf(data(c.folder))
	if !ok {
		t.Fatal("the server has no memory outside of its folder")
	}
	must.Succeed(t, syscall.Kill(pid, syscall.SIGKILL))
	must.Succeed(t, c.stop())
	wantGone(t, m)
	wantEmpty(t, base)
}

// TestSweepRemovesTheMemoryOfAKilledInitdb kills initdb and its children and releases the
// lock, as the end of a container does. Until then the folder is held by initdb too.
func TestSweepRemovesTheMemoryOfAKilledInitdb(t *testing.T) {
	base := base(t)
	c, err := newCluster(installed(t), base)
	must.Succeed(t, err)
	initdb, err := c.initdb(t.Context())
	must.Succeed(t, err)
	group, m := stopInitdb(t, data(c.folder))
	c.folder.Release()
	if left := tempfolder.Abandoned(base); len(left) != 0 {
		t.Errorf("the folder of a running initdb is abandoned: %v", left[0].Path)
	}
	must.Succeed(t, syscall.Kill(-group, syscall.SIGKILL))
	if (<-initdb).err == nil {
		t.Fatal("initdb was not killed")
	}
	if !segmentExists(m.segment) {
		t.Fatal("initdb left no memory")
	}
	await.Until(t, "end of initdb's children, and the sweep", func() bool {
		must.Succeed(t, sweep(t.Context(), tempfolder.Abandoned(base)))
		_, err := os.Lstat(c.folder.Path)
		return errors.Is(err, os.ErrNotExist)
	})
	wantGone(t, m)
	wantEmpty(t, base)
}

// TestStopRemovesTheMemoryOfACrashedInitdb kills a step of initdb, as a full /dev/shm does. initdb
// notices and ends.
func TestStopRemovesTheMemoryOfACrashedInitdb(t *testing.T) {
	base := base(t)
	c, err := newCluster(installed(t), base)
	must.Succeed(t, err)
	initdb, err := c.initdb(t.Context())
	must.Succeed(t, err)
	group, m := stopInitdb(t, data(c.folder))
	_, step, ok := memoryOf(data(c.folder))
	if err := errors.Join(syscall.Kill(step, syscall.SIGKILL), syscall.Kill(-group, syscall.SIGCONT)); err != nil || !ok {
		t.Fatal(err, ok)
	}
	if (<-initdb).err == nil {
		t.Error("initdb did not fail")
	}
	must.Succeed(t, c.stop())
	wantGone(t, m)
	wantEmpty(t, base)
}

// TestMemoryOfOthersStays uses pid files that name segments of other folders and programs.
func TestMemoryOfOthersStays(t *testing.T) {
	data := t.TempDir()
	info, err := os.Stat(data)
	must.Succeed(t, err)
	of := info.Sys().(*syscall.Stat_t)
	header := func(magic uint32, device, inode uint64) []byte {
		h := make([]byte, segmentHeader)
		binary.NativeEndian.PutUint32(h, magic)
		binary.NativeEndian.PutUint64(h[40:], device)
		binary.NativeEndian.PutUint64(h[48:], inode)
		return h
	}
	for _, test := range []struct {
		name   string
		header []byte
		key    string // in the pid file
		used   bool
		fails  bool
		goes   bool
	}{
		{name: "its own", header: header(segmentMagic, of.Dev, of.Ino), key: "0", goes: true},
		{name: "its own, in use", header: header(segmentMagic, of.Dev, of.Ino), key: "0", used: true, fails: true},
		{name: "of another folder", header: header(segmentMagic, of.Dev, of.Ino+1), key: "0"},
		{name: "on another device", header: header(segmentMagic, of.Dev+1, of.Ino), key: "0"},
		{name: "of another program", header: header(1, of.Dev, of.Ino), key: "0"},
		{name: "with another key", header: header(segmentMagic, of.Dev, of.Ino), key: "7"},
		{name: "too short", header: make([]byte, 8), key: "0"},
		{name: "no number", header: header(segmentMagic, of.Dev, of.Ino), key: "x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			id, err := unix.SysvShmGet(unix.IPC_PRIVATE, len(test.header), unix.IPC_CREAT|0o600)
			must.Succeed(t, err)
			defer func() { _, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) }()
			memory, err := unix.SysvShmAttach(id, 0, 0)
			must.Succeed(t, err)
			copy(memory, test.header)
			if !test.used {
				must.Succeed(t, unix.SysvShmDetach(memory))
			} else {
				defer func() { _ = unix.SysvShmDetach(memory) }()
			}
			pidFile := fmt.Sprintf("1\n%s\n3\n4\n\n\n %s %d\n", data, test.key, id)
			must.Succeed(t, os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(pidFile), 0o600))
			if err := removeMemory(data); (err != nil) != test.fails {
				t.Errorf("got error %v", err)
			}
			if segmentExists(id) == test.goes {
				t.Errorf("it exists: %v", !test.goes)
			}
		})
	}
}

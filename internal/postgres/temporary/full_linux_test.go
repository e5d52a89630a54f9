package temporary

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/must"
)

// mount mounts a small file system on folder until the test ends. Only root can.
func mount(t *testing.T, folder, options string, flags uintptr) {
	t.Helper()
	err := syscall.Mount("tmpfs", folder, "tmpfs", flags, options)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("this test mounts a file system; run it as root, in a container with --cap-add SYS_ADMIN")
	}
	must.Succeed(t, err)
	t.Cleanup(func() {
		must.Succeed(t, syscall.Unmount(folder, 0))
	})
}

// TestLongNoRoom starts a server on a disk that is full, fills up later, or is read-only.
func TestLongNoRoom(t *testing.T) {
	long.Test(t)
	for _, test := range []struct {
		name, options string
		flags         uintptr
		says          string // of the start; "" if it succeeds
	}{
		{"for initdb", "size=8m,mode=755", 0, "No space left on device"},
		{"for the data", "size=72m,mode=755", 0, ""},
		{"to write", "size=8m,mode=755", syscall.MS_RDONLY, "read-only file system"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := base(t)
			mount(t, folder, test.options, test.flags)
			s, err := in(folder).Open(t.Context())
			if test.says != "" {
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %v, want %q", err, test.says)
				}
				wantEmpty(t, folder)
				return
			}
			must.Succeed(t, err)
			_, err = s.Create(t.Context(), "CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 100000)")
			if err == nil || !strings.HasSuffix(err.Error(), "(SQLSTATE 53100)") {
				t.Errorf("got %v", err)
			}
			must.Succeed(t, s.Close())
			wantEmpty(t, folder)
			wantNoProcess(t, folder)
		})
	}
}

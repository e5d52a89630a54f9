package temporary

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/long"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// wantNoProcess checks that no process has path among its arguments.
func wantNoProcess(t *testing.T, path string) {
	t.Helper()
	await.Until(t, "no process of "+path, func() bool {
		commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, c := range commands {
			if text, _ := os.ReadFile(c); bytes.Contains(text, []byte(path)) {
				return false
			}
		}
		return true
	})
}

// TestLongServerOutlivesItsThread ends the thread of the goroutine that called Open. The
// fork must have happened on another thread.
func TestLongServerOutlivesItsThread(t *testing.T) {
	long.Test(t)
	base := base(t)
	opened := make(chan *scratch.Server)
	thread := make(chan int, 1)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		thread <- syscall.Gettid()
		s, err := in(base).Open(t.Context())
		if err != nil {
			t.Error(err)
		}
		opened <- s
	}()
	s := <-opened
	if s == nil {
		return
	}
	defer s.Close()
	task := fmt.Sprintf("/proc/self/task/%d", <-thread)
	if filepath.Base(task) == fmt.Sprint(os.Getpid()) {
		t.Log("the runtime never ends the first thread; nothing to check")
	} else {
		await.Until(t, "end of the thread", func() bool {
			_, err := os.Stat(task)
			return os.IsNotExist(err)
		})
	}
	for range 50 {
		connect(t, s)
		time.Sleep(2 * time.Millisecond)
	}
}

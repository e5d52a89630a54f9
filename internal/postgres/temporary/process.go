//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	// quitLimit is more than the 5 s after which a server that was told to quit
	// kills those of its processes that do not.
	quitLimit = 8 * time.Second

	// giveUpLimit is many times what initdb takes to give up.
	giveUpLimit = 5 * time.Second

	// killLimit bounds the wait for a killed process. It cannot refuse, but the
	// kernel may be slow.
	killLimit = 5 * time.Second
)

// A process is a program started by start. It dies with this process where the
// system can arrange that.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	err  error         // of cmd.Wait, valid once done is closed
}

// start starts cmd.
func start(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux takes the end of the thread that forked for the death of the
		// parent. Any goroutine can end the thread it runs on, by locking it and
		// returning, so this one keeps its thread to itself until the process has
		// ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// wait waits for the process to end and returns its error. If ctx ends first,
// it ends the process and returns the error of ctx.
//
// It asks the process alone, not its group, before it kills anything: initdb
// gives up after the step that is under way, while its helpers, if killed,
// leave shared memory behind for ever.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.end(syscall.SIGTERM, giveUpLimit))
	}
}

// end sends signal to the process, and kills it and those of its children that
// are in its group if it has not ended within limit.
func (p *process) end(signal syscall.Signal, limit time.Duration) error {
	_ = p.cmd.Process.Signal(signal) // an error means that it has ended
	if p.endsWithin(limit) {
		return nil
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	if !p.endsWithin(killLimit) {
		return errors.New("the process did not end when killed")
	}
	return nil
}

func (p *process) endsWithin(limit time.Duration) bool {
	select {
	case <-p.done:
		return true
	case <-time.After(limit):
		return false
	}
}

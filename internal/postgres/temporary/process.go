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
	// quitLimit is more than the 5 s after which a quitting server kills its children.
	quitLimit = 8 * time.Second

	// giveUpLimit is many times what initdb takes to stop.
	giveUpLimit = 5 * time.Second

	// killLimit bounds the wait for a killed process, because the kernel may be slow.
	killLimit = 5 * time.Second
)

// A process is a program started by start. It dies with this process if the system
// supports that.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	err  error         // of cmd.Wait, valid once done is closed
}

func start(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux treats the end of the forking thread as the death of the parent. Any goroutine
		// can end its thread by locking it and returning, so this goroutine reserves its
		// thread until the process has ended.
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
// It signals the process, not its group, before it kills anything: initdb stops after its
// current step, while killed helpers would leave shared memory behind.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.end(syscall.SIGTERM, giveUpLimit))
	}
}

// end sends signal to the process. After limit it kills the process and its group.
func (p *process) end(signal syscall.Signal, limit time.Duration) error {
	_ = p.cmd.Process.Signal(signal) // an error means it has ended
	if p.endsWithin(limit) {
		return nil
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	if !p.endsWithin(killLimit) {
		return errors.New("the process is still running after SIGKILL")
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

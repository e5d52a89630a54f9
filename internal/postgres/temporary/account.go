//go:build linux || darwin

package temporary

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// quitLimit is more than the 5 s after which a quitting server kills its children, and many times
// what initdb takes to stop.
const quitLimit = 8 * time.Second

// An account is the user who runs PostgreSQL's programs.
type account struct {
	as         string              // " as user NAME", for messages; empty for the user of this process
	credential *syscall.Credential // nil for the user of this process
}

// serverAccount returns the user of this process. If that is root, as in most CI containers,
// it returns an unprivileged user, because PostgreSQL refuses to run as root.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil && u.Uid != "0" {
			uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
			gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
			return account{" as user " + name, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, errors.Join(uidErr, gidErr)
		}
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and this machine has no user postgres or nobody; add one")
}

// OtherUser reports whether servers run as another user than this process. It returns an
// error if they must but there is none.
func OtherUser() (bool, error) {
	account, err := serverAccount()
	return account.credential != nil, err
}

// command prepares one of PostgreSQL's programs, without our environment: PG* variables would
// change what it does. LC_ALL and TZ make its messages and settings the same everywhere.
//
// If ctx ends, the server quits and initdb stops after its current step. Killed ones would leave
// shared memory.
func (a account) command(ctx context.Context, dir, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	// In its own group the program does not receive Ctrl-C.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential, Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) }
	cmd.WaitDelay = quitLimit
	return cmd
}

// An ending says how a process ended, like the error of [exec.Cmd.Wait].
type ending struct{ err error }

// start starts cmd, which dies with this process if the system supports that. When cmd has
// ended, the channel has its ending and is closed.
func start(cmd *exec.Cmd) (<-chan ending, error) {
	started, ended := make(chan error), make(chan ending, 1)
	go func() {
		// Linux treats the end of the forking thread as the death of the parent. Any goroutine
		// can end its thread by locking it and returning, so this goroutine reserves its
		// thread until the process has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			err = cmd.Wait()
			// There is no state if the program ignores SIGCHLD.
			if state := cmd.ProcessState; state != nil && state.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its children do not end by themselves
			}
			ended <- ending{err}
			close(ended)
		}
	}()
	return ended, <-started
}

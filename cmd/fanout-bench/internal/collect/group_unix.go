//go:build unix

package collect

import (
	"os/exec"
	"syscall"
)

// ownGroup has a command start with a process group of its own, which what it starts
// belongs to as well.
func ownGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func interruptGroup(command *exec.Cmd) error {
	return syscall.Kill(-command.Process.Pid, syscall.SIGINT)
}

// killGroup ends what is left of a group, if anything is.
func killGroup(command *exec.Cmd) {
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	}
}

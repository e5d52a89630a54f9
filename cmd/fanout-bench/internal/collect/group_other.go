//go:build !unix

package collect

import "os/exec"

// This system has no process groups, so only the command itself is ended.
func ownGroup(*exec.Cmd) {}

func interruptGroup(command *exec.Cmd) error { return command.Process.Kill() }

func killGroup(*exec.Cmd) {}

package temporary

import "syscall"

// dieWithParent does nothing: the system has no such means. The server of a
// process that was killed is stopped by the next sweep.
func dieWithParent(*syscall.SysProcAttr) {}

// memoryFolders returns none: the system comes with no folder kept in memory.
func memoryFolders() []string { return nil }

func cramped(string) bool { return true }

// removeMemory does nothing: no server dies with its process here, so that the sweep stops
// it, and the server removes its memory itself.
func removeMemory(string) error { return nil }

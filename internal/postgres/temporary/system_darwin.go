package temporary

import "syscall"

// dieWithParent does nothing, because the system has no such feature. The next sweep stops
// the server of a killed process.
func dieWithParent(*syscall.SysProcAttr) {}

// memoryFolders returns none: macOS has no folder kept in memory.
func memoryFolders() []string { return nil }

func cramped(string) bool { return true }

// removeMemory does nothing: the sweep stops the server, which then removes its memory.
func removeMemory(string) error { return nil }

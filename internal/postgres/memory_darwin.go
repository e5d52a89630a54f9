package postgres

// memoryFolders returns none: the system comes with no folder kept in memory.
func memoryFolders() []string { return nil }

func cramped(string) bool { return true }

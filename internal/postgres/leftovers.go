package postgres

import "context"

// Leftovers are the names of the temporary folders that killed runs left on this
// machine. The next start removes them. Scratch databases on a server are its Orphans,
// and containers are the business of testcontainers' reaper.
func Leftovers() []string { return abandonedOwners() }

// RemoveLeftovers removes them, and returns what is left for a reason that is in the
// error.
func RemoveLeftovers(ctx context.Context) ([]string, error) {
	err := Sweep(ctx)
	return abandonedOwners(), err
}

//go:build linux || darwin

package postgres

import "context"

// abandonedOwners returns the names of the folders that killed runs left.
func abandonedOwners() []string {
	var names []string
	for _, base := range sweptFolders() {
		for _, f := range abandoned(base) {
			names = append(names, f.owner())
			f.release()
		}
	}
	return names
}

func removeAbandoned(ctx context.Context) error { return sweepAll(ctx) }

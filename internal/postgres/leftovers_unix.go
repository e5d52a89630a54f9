//go:build linux || darwin

package postgres

import (
	"context"
	"os"
	"path/filepath"
)

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

// claimed reports whether the folder of an owner is there.
func claimed(owner string) bool {
	for _, base := range diskFolders() {
		if _, err := os.Lstat(filepath.Join(base, filepath.Base(owner))); err == nil {
			return true
		}
	}
	return false
}

func removeAbandoned(ctx context.Context) error { return sweepAll(ctx) }

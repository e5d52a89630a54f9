//go:build linux || darwin

package postgres

import (
	"context"
	"errors"

	"github.com/fanout-bench/fanout-bench/internal/download"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
)

// abandonedOwners returns the names of the folders that killed runs left.
func abandonedOwners() []string {
	var names []string
	for _, base := range sweptFolders() {
		for _, f := range tempfolder.Abandoned(base) {
			names = append(names, f.Name())
			f.Release()
		}
	}
	if cache, err := download.DefaultCache(); err == nil {
		if folder := cache.Abandoned(); folder != "" {
			names = append(names, folder)
		}
	}
	return names
}

// Sweep removes the temporary folders that killed runs left.
func Sweep(ctx context.Context) error {
	var errs []error
	if cache, err := download.DefaultCache(); err == nil {
		errs = append(errs, cache.Sweep())
	}
	for _, base := range sweptFolders() {
		errs = append(errs, sweep(ctx, base))
	}
	return errors.Join(errs...)
}

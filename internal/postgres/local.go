//go:build linux || darwin

package postgres

import (
	"context"

	"github.com/fanout-bench/fanout-bench/internal/download"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
	"github.com/fanout-bench/fanout-bench/internal/postgres/temporary"
)

// Installed reports whether PostgreSQL's server programs are on this machine.
func Installed(ctx context.Context) bool { return temporary.Installed(ctx) }

// Leftovers returns the names of the temporary folders that killed runs left on this machine.
// The next Open removes them. For scratch databases on a server, see its Orphans method.
func Leftovers() []string { return temporary.Abandoned(cacheFolder()) }

// Sweep removes the leftovers. Its error says what it could not remove.
func Sweep(ctx context.Context) error { return temporary.Sweep(ctx, cacheFolder()) }

// cacheFolder returns the folder for downloads, or "" if there is none.
func cacheFolder() string {
	cache, _ := download.DefaultCache()
	return cache.Folder
}

// openLocal starts a temporary server from the programs on this machine.
func openLocal(ctx context.Context, o Options) (*scratch.Server, error) {
	return temporary.Source{Bins: temporary.InstalledBins(), From: "local binaries", Settings: o.Settings}.Open(ctx)
}

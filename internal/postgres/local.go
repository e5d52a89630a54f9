//go:build linux || darwin

package postgres

import (
	"context"
	"fmt"
	"path/filepath"

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

// openEmbedded starts a temporary server from downloaded programs.
func openEmbedded(ctx context.Context, o Options) (*scratch.Server, error) {
	cache, err := download.DefaultCache()
	if err != nil {
		return nil, err
	}
	if cache.Others, err = temporary.OtherUser(); err != nil {
		return nil, err
	}
	cache.Notify = o.Notify
	bin, err := cache.Programs(ctx)
	if err != nil {
		return nil, err
	}
	return openDownloaded(ctx, o, bin)
}

func openDownloaded(ctx context.Context, o Options, bin string) (*scratch.Server, error) {
	s, err := temporary.Source{Bins: []string{bin}, From: "downloaded binaries", Settings: o.Settings}.Open(ctx)
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w; remove %s to download it again", err, filepath.Dir(bin))
	}
	return s, err
}

func examineEmbedded(ctx context.Context, o Options) (string, error) {
	cache, err := download.DefaultCache()
	if err != nil {
		return "", err
	}
	if bin, ok := cache.Cached(); ok {
		s, err := openDownloaded(ctx, o, bin)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s, kept in %s", s.Description(), cache.Folder), s.Close()
	}
	if err := cache.Reach(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("PostgreSQL %s, to be downloaded to %s", download.Version, cache.Folder), nil
}

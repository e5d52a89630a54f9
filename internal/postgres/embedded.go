//go:build linux || darwin

package postgres

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/fanout-bench/fanout-bench/internal/download"
)

// openEmbedded starts a temporary server from downloaded programs.
func openEmbedded(ctx context.Context, o Options) (*Server, error) {
	cache, err := download.DefaultCache()
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	// Before the download, which would be of no use.
	if err := cache.Make(account.credential != nil); err != nil {
		return nil, err
	}
	cache.Notify = o.notify
	bin, err := cache.Programs(ctx)
	if err != nil {
		return nil, err
	}
	return openDownloaded(ctx, o, bin)
}

func openDownloaded(ctx context.Context, o Options, bin string) (*Server, error) {
	s, err := local{bins: []string{bin}, bases: bases(), from: "downloaded binaries", more: o.Settings}.open(ctx)
	if err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w; to have it downloaded again, remove %s", err, filepath.Dir(bin))
	}
	return s, err
}

func examineEmbedded(ctx context.Context, o Options) (string, error) {
	cache, err := download.DefaultCache()
	if err != nil {
		return "", err
	}
	if bin, ok := cache.Cached(); ok {
		found, err := tryOut(openDownloaded(ctx, o, bin))
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s, kept in %s", found, cache.Folder), nil
	}
	if err := cache.Reach(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("PostgreSQL %s, which would be downloaded to %s", download.Version, cache.Folder), nil
}

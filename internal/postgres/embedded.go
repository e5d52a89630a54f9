//go:build linux || darwin

package postgres

import (
	"context"
	"fmt"

	"github.com/fanout-bench/fanout-bench/internal/download"
)

// openEmbedded starts a temporary server from downloaded programs.
func openEmbedded(ctx context.Context, o Options) (*Server, error) {
	cache, err := download.DefaultCache()
	if err != nil {
		return nil, err
	}
	cache.Notify = o.notify
	bin, err := cache.Programs(ctx)
	if err != nil {
		return nil, err
	}
	sweepAll(ctx)
	return local{bins: []string{bin}, bases: bases(), tcp: o.TCP, from: "downloaded binaries"}.open(ctx)
}

func examineEmbedded(ctx context.Context, _ Options) (string, error) {
	cache, err := download.DefaultCache()
	if err != nil {
		return "", err
	}
	if _, ok := cache.Cached(); ok {
		return fmt.Sprintf("PostgreSQL %s, downloaded before to %s", download.Version, cache.Shown()), nil
	}
	if err := cache.Reach(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("PostgreSQL %s, which would be downloaded to %s", download.Version, cache.Shown()), nil
}

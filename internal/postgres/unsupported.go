//go:build !linux && !darwin

package postgres

import (
	"context"
	"fmt"
	"runtime"

	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// Installed reports false: the programs need Unix.
func Installed(context.Context) bool { return false }

// Leftovers returns nothing.
func Leftovers() []string { return nil }

// Sweep does nothing.
func Sweep(context.Context) error { return nil }

func openLocal(context.Context, Options) (*scratch.Server, error) {
	return nil, fmt.Errorf("temporary servers are not supported on %s", runtime.GOOS)
}

var (
	openEmbedded    = openLocal
	examineEmbedded func(context.Context, Options) (string, error)
)

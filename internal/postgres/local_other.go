//go:build !linux && !darwin

package postgres

import (
	"context"
	"fmt"
	"runtime"
)

// It needs programs to be run as PostgreSQL's are on Unix.
var openEmbedded = openLocal

func examineEmbedded(ctx context.Context, o Options) (string, error) {
	return tryOut(openLocal(ctx, o))
}

// Installed reports that there are no programs that could be run.
func Installed(context.Context) bool { return false }

func openLocal(context.Context, Options) (*Server, error) {
	return nil, fmt.Errorf("temporary servers are not supported on %s", runtime.GOOS)
}

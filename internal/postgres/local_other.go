//go:build !linux && !darwin

package postgres

import (
	"context"
	"fmt"
	"runtime"
)

func openLocal(context.Context, Options) (*Server, error) {
	return nil, fmt.Errorf("temporary servers are not supported on %s", runtime.GOOS)
}

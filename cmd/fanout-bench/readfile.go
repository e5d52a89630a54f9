package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

// readFile reads what name holds, which need not be a regular file. Its errors call the
// file as it was named.
func readFile[T any](ctx context.Context, name string, read func(io.Reader) (T, error)) (T, error) {
	var none T
	value, err := interruptible(ctx, func() (T, error) {
		file, err := os.Open(name)
		if err != nil {
			return none, err
		}
		defer file.Close()
		return read(file)
	})
	if err != nil {
		return none, fmt.Errorf("%s: %w", name, oserr.WithoutPath(err))
	}
	return value, nil
}

package interrupt

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

// ReadFile reads the file name, which need not be a regular file. Its errors use that name and have
// the status NoData.
func ReadFile[T any](ctx context.Context, name string, read func(io.Reader) (T, error)) (T, error) {
	var none T
	value, err := Unless(ctx, func() (T, error) {
		file, err := os.Open(name)
		if err != nil {
			return none, err
		}
		defer file.Close()
		return read(file)
	})
	if err != nil {
		return none, exit.With(exit.NoData, fmt.Errorf("%s: %w", name, oserr.WithoutPath(err)))
	}
	return value, nil
}

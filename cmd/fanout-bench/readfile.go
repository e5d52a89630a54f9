package main

import (
	"fmt"
	"io"
	"os"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

// readFile reads what name holds. Its errors call the file as it was named.
func readFile[T any](name string, read func(io.Reader) (T, error)) (T, error) {
	var none T
	file, err := os.Open(name)
	if err != nil {
		return none, fmt.Errorf("%s: %w", name, oserr.WithoutPath(err))
	}
	defer file.Close()
	value, err := read(file)
	if err != nil {
		return none, fmt.Errorf("%s: %w", name, oserr.WithoutPath(err))
	}
	return value, nil
}

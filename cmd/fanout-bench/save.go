package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/report"
)

// checkTarget finds out before measuring what would keep file from being written
// after. Empty means there is none to write.
func checkTarget(file string) error {
	if file == "" {
		return nil
	}
	// Renaming would put a file where a device or a pipe was.
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s exists and is no regular file; name another", file)
	}
	folder := filepath.Dir(file)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("the folder of %s does not exist", file)
	}
	probe, err := os.CreateTemp(folder, ".fanout-bench-*")
	if err != nil {
		return fmt.Errorf("the folder of %s cannot be written to: %w", file, oserr.WithoutPath(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// saveRows replaces file, or what it links to, in one step.
func saveRows(file string, rows report.Rows) error {
	var b bytes.Buffer
	if err := rows.Write(&b); err != nil {
		return err
	}
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		target = file
	}
	if err := maybe.WriteFile(target, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("save %s: %w", file, oserr.WithoutPath(err))
	}
	return nil
}

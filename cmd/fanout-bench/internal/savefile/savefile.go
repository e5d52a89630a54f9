// Package savefile writes the files that a command was asked for: what would keep one from
// being written is found out before anything is measured, and it is replaced in one step.
package savefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

// A Target is the file that results are saved to.
type Target struct {
	Name string // as it was given
	path string // what is replaced: where name leads, if it is a link
	// makesFolder says that the folder of path is made when the file is saved.
	makesFolder bool
}

// New returns the target of that name, or what would keep the file from being written.
func New(name string) (Target, error) {
	t, err := locate(name)
	if err != nil {
		return t, err
	}
	folder := filepath.Dir(t.path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return t, fmt.Errorf("the folder of %s does not exist", name)
	}
	return t, writable(folder, name)
}

// NewWithFolder is New of a file whose folder is made when it is saved, and no sooner, so
// that what fails before leaves nothing behind.
func NewWithFolder(name string) (Target, error) {
	t, err := locate(name)
	if err != nil {
		return t, err
	}
	folder := filepath.Dir(t.path)
	info, err := os.Stat(folder)
	for errors.Is(err, fs.ErrNotExist) && folder != filepath.Dir(folder) {
		t.makesFolder, folder = true, filepath.Dir(folder)
		info, err = os.Stat(folder)
	}
	switch {
	case err != nil:
		return t, fmt.Errorf("the folder of %s cannot be made: %w; name another file", name, oserr.WithoutPath(err))
	case !info.IsDir():
		return t, fmt.Errorf("the folder of %s cannot be made where a file is; name another", name)
	}
	return t, writable(folder, name)
}

// locate returns the target that name leads to, which may not exist yet.
func locate(name string) (Target, error) {
	t := Target{Name: name, path: name}
	if name == "" {
		return t, errors.New("it names no file")
	}
	if link, err := os.Readlink(name); err == nil {
		// EvalSymlinks does not follow a link to a file that is yet to be written.
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(name), link)
		}
		t.path = link
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		t.path = real
	}
	// Renaming would put a file where a device or a pipe was.
	if info, err := os.Stat(t.path); err == nil && !info.Mode().IsRegular() {
		return t, fmt.Errorf("%s exists and is no regular file; name another", name)
	}
	return t, nil
}

// writable returns an error if folder, which is to have the file name in it, cannot be
// written to.
func writable(folder, name string) error {
	file, err := os.CreateTemp(folder, ".fanout-bench-*")
	if err != nil {
		return fmt.Errorf("the folder of %s cannot be written to: %w", name, oserr.WithoutPath(err))
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// OfFlags returns the targets that flags of cmd name, by flag. None may be another
// one's, or source, which the command reads.
func OfFlags(cmd *cobra.Command, source string, flags ...string) (map[string]Target, error) {
	targets := map[string]Target{}
	for _, flag := range flags {
		if !cmd.Flags().Changed(flag) {
			continue
		}
		t, err := New(cmd.Flag(flag).Value.String())
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, err)
		}
		if sameFile(t.path, source) {
			return nil, fmt.Errorf("--%s would replace %s, which is read; name another file", flag, source)
		}
		for other, o := range targets {
			if filepath.Clean(o.path) == filepath.Clean(t.path) {
				return nil, fmt.Errorf("--%s and --%s name the same file; name another", other, flag)
			}
		}
		targets[flag] = t
	}
	return targets, nil
}

// sameFile reports whether both names are of one file, which exists.
func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// Save replaces the file, in one step, by what write writes.
func (t Target) Save(write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if t.makesFolder {
		if err := os.MkdirAll(filepath.Dir(t.path), 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w", t.Name, oserr.WithoutPath(err))
		}
	}
	if err := maybe.WriteFile(t.path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("save %s: %w", t.Name, oserr.WithoutPath(err))
	}
	return nil
}

// Package savefile writes the files that a command is asked for. It reports problems before
// anything is measured, and replaces a file in one step.
package savefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/renameio/v2/maybe"
	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/internal/testbaseline"
)

// A Target is the file that results are saved to.
type Target struct {
	Name string // as given
	path string // the file to replace, after symbolic links
	// makesFolder says that saving the file creates its folder.
	makesFolder bool
}

// New returns the target of that name, or an error if it cannot be written.
func New(name string) (Target, error) { return target(name, false) }

// NewWithFolder is like New, but saving creates the folder of the file. A failure before then
// leaves nothing behind.
func NewWithFolder(name string) (Target, error) { return target(name, true) }

func target(name string, withFolder bool) (Target, error) {
	t, err := locate(name)
	if err != nil {
		return t, err
	}
	folder := filepath.Dir(t.path)
	info, err := os.Stat(folder)
	for withFolder && errors.Is(err, fs.ErrNotExist) && folder != filepath.Dir(folder) {
		t.makesFolder, folder = true, filepath.Dir(folder)
		info, err = os.Stat(folder)
	}
	switch {
	case !withFolder && (err != nil || !info.IsDir()):
		return t, fmt.Errorf("the folder of %s does not exist; create it", name)
	case err != nil:
		return t, fmt.Errorf("cannot create the folder of %s: %w; name another file", name, oserr.WithoutPath(err))
	case !info.IsDir():
		return t, fmt.Errorf("cannot create the folder of %s: it is a file; name another", name)
	}
	return t, writable(folder, name)
}

// locate returns the file that name leads to, which may not exist yet.
func locate(name string) (Target, error) {
	t := Target{Name: name, path: name}
	if name == "" {
		return t, errors.New("the file name is empty")
	}
	if link, err := os.Readlink(name); err == nil {
		// EvalSymlinks fails for a link to a file that does not exist yet.
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(name), link)
		}
		t.path = link
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		t.path = real
	}
	// Renaming would replace a device or a pipe by a file.
	if info, err := os.Stat(t.path); err == nil && !info.Mode().IsRegular() {
		return t, fmt.Errorf("%s is not a regular file; name another", name)
	}
	return t, nil
}

// writable returns an error if the folder for the file name cannot be written to.
func writable(folder, name string) error {
	file, err := os.CreateTemp(folder, ".fanout-bench-*")
	if err != nil {
		return fmt.Errorf("cannot write to the folder of %s: %w", name, oserr.WithoutPath(err))
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// Targets are the files that flags name, by flag.
type Targets map[string]Target

// OfFlags returns the targets of flags of cmd. They must differ from each other, from sources, which
// the command reads, and from baselines of tests.
func OfFlags(cmd *cobra.Command, sources []string, flags ...string) (Targets, error) {
	targets := Targets{}
	for _, flag := range flags {
		if !cmd.Flags().Changed(flag) {
			continue
		}
		name := cmd.Flag(flag).Value.String()
		if full, err := filepath.Abs(name); err == nil && strings.HasSuffix(filepath.Dir(full), string(filepath.Separator)+testbaseline.Folder) {
			return nil, fmt.Errorf("--%s: %s holds baselines, which accept writes; name a file elsewhere", flag, testbaseline.Folder)
		}
		t, err := New(name)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, err)
		}
		for _, source := range sources {
			if SameFile(t.path, source) {
				return nil, fmt.Errorf("--%s would replace %s, which is read; name another file", flag, source)
			}
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

// SameFile reports whether both names lead to one existing file.
func SameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// patience is how long Alone waits for another command, which needs the lock for moments.
const patience = 2 * time.Second

// Alone calls update, which reads the file and saves it, while no other command does so in the
// same folder. Otherwise one of them would undo what the other writes. It makes the folder, because
// it locks it, and removes it again if update saves nothing there.
func (t Target) Alone(update func() error) error {
	folder := filepath.Dir(t.path)
	var made []string // innermost first
	for missing := folder; missing != filepath.Dir(missing); missing = filepath.Dir(missing) {
		if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		made = append(made, missing)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w", t.Name, oserr.WithoutPath(err))
		}
		unlock, locked := lock(folder)
		if locked {
			defer unlock()
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("another command is writing in the folder of %s; run this one again", t.Name)
		}
	}
	defer func() {
		for _, folder := range made {
			_ = os.Remove(folder) // which fails if there is something in it
		}
	}()
	return update()
}

// Save replaces the file by the output of write, in one step.
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

// Save saves the file of a flag, if that was given.
func (t Targets) Save(flag string, write func(io.Writer) error) error {
	if target, given := t[flag]; given {
		return target.Save(write)
	}
	return nil
}

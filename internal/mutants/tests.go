package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// asleep is the code that the mutants of a package share.
//
//go:embed asleep.go.txt
var asleep string

// tests are those of a package, with the mutants of its files in it.
type tests struct {
	folder  string // of the package, in a copy of the module
	state   string // the folder where the mutants look up which of them is active
	binary  string
	timeout time.Duration
}

// build compiles the tests of the package in folder of the copy of the module, and runs
// them without a mutant to see what they reach.
func build(ctx context.Context, module, folder string, files []*file) (*tests, error) {
	state, err := os.MkdirTemp(filepath.Dir(module), files[0].pkg+"-")
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(state, "reached"), 0o755); err != nil {
		return nil, err
	}
	t := &tests{folder: filepath.Join(module, folder), state: state, binary: filepath.Join(state, "package.test")}
	code := strings.NewReplacer("PACKAGE", files[0].pkg, "FOLDER", strconv.Quote(filepath.ToSlash(state))).Replace(asleep)
	if err := os.WriteFile(filepath.Join(t.folder, "asleep.go"), []byte(code), 0o644); err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(module, f.name), f.text, 0o644); err != nil {
			return nil, err
		}
	}
	compile := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-o="+t.binary)
	compile.Dir = t.folder
	if output, err := compile.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile the mutants of %s: %w\n%s", folder, err, output)
	}
	begun := time.Now()
	if output, err := t.run(ctx, 0, 10*time.Minute); err != nil {
		return nil, fmt.Errorf("the tests of %s fail without a mutant: %w\n%s", folder, err, output)
	}
	t.timeout = 10*time.Second + 3*time.Since(begun)
	return t, nil
}

// judge finds out what becomes of the mutants of f, and writes those that nobody
// notices.
func (t *tests) judge(ctx context.Context, f *file, w io.Writer) error {
	for i := range f.mutants {
		m := &f.mutants[i]
		if _, err := os.Stat(filepath.Join(t.state, "reached", strconv.Itoa(m.number))); err == nil {
			var exit *exec.ExitError
			switch _, err := t.run(ctx, m.number, t.timeout); {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.Is(err, context.DeadlineExceeded):
				m.fate = timedOut
			case errors.As(err, &exit):
				m.fate = noticed
			case err != nil:
				return err
			default:
				m.fate = survived
			}
		}
		switch m.fate {
		case survived:
			fmt.Fprintf(w, "%s:%d: survived: %s\n", filepath.ToSlash(f.name), m.line, m.change)
		case unreached:
			fmt.Fprintf(w, "%s:%d: not reached: %s\n", filepath.ToSlash(f.name), m.line, m.change)
		}
	}
	return nil
}

// run runs the tests as the mutant of that number.
func (t *tests) run(ctx context.Context, number int, timeout time.Duration) ([]byte, error) {
	if err := os.WriteFile(filepath.Join(t.state, "active"), []byte(strconv.Itoa(number)), 0o644); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.binary, "-test.failfast")
	cmd.Dir = t.folder
	cmd.WaitDelay = 5 * time.Second // for what it has started and holds its output
	output, err := cmd.CombinedOutput()
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return output, err
}

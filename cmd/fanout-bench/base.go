package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// errNoBase is wrapped by the error of a missing base. The cause is the repository or a cache, not
// a wrong flag.
var errNoBase = errors.New("")

// A base is what results are compared with instead of a baseline.
type base struct {
	report.File
	name string
	// had reports whether the base may have the test of a scenario that it has no results of. Nil:
	// the base is complete.
	had func(report.Scenario) bool
}

// measureBase runs a command at the merge base of HEAD and ref, in a new worktree. A test that
// fails there is not an error.
func measureBase(cmd *cobra.Command, m *measurement, ref string, argv []string) (_ base, err error) {
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	here, err := os.Getwd()
	if err != nil {
		return base{}, exit.With(exit.NotMeasured, err)
	}
	paths, err := collect.Git(ctx, here, "rev-parse", "--show-toplevel", "--show-prefix")
	if err != nil {
		return base{}, exit.With(exit.Usage, fmt.Errorf("--base: %w; it needs a git repository%w", err, errNoBase))
	}
	commit, err := collect.MergeBase(ctx, here, ref)
	if err != nil {
		return base{}, exit.With(exit.Usage, fmt.Errorf("--base: %w%w", err, errNoBase))
	}
	root, within, _ := strings.Cut(paths, "\n")
	folder, err := tempfolder.New(os.TempDir(), "base")
	if err != nil {
		return base{}, exit.With(exit.NotMeasured, fmt.Errorf("%w; set TMPDIR to another folder", err))
	}
	tree := filepath.Join(folder.Path, filepath.Base(root))
	defer func() {
		// Clean up after an interrupt as well.
		// Not prune: it also forgets worktrees that are out of reach for now. What git cannot
		// remove, as half a worktree after an interrupt, it prunes in time.
		_, _ = collect.Git(context.WithoutCancel(ctx), root, "worktree", "remove", "--force", "--force", tree)
		err = errors.Join(err, folder.Remove())
	}()
	if _, err := collect.Git(ctx, root, "worktree", "add", "--quiet", "--detach", tree, commit); err != nil {
		return base{}, exit.With(exit.NotMeasured, fmt.Errorf("--base: %w", err))
	}
	if _, err := os.Stat(filepath.Join(tree, ".gitmodules")); err == nil {
		if err := updateSubmodules(ctx, tree, root); err != nil {
			return base{}, exit.With(exit.NotMeasured, fmt.Errorf("--base: update submodules: %w", err))
		}
	}
	fmt.Fprintf(stderr, "Measuring %s, the merge base with %s.\n", commit[:12], term.Printable(ref, 0))
	b := base{name: commit[:12]}
	at := checkout{folder: filepath.Join(tree, within)}
	if _, err := os.Stat(at.folder); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(stderr, "The merge base does not have the current folder, so everything is new.\nMeasuring the working tree.")
		return b, nil
	}
	file, err := os.ReadFile(filepath.Join(tree, ".git"))
	if err := cmp.Or(sharesCode(root, at.folder), err); err != nil {
		return base{}, exit.With(exit.NotMeasured, fmt.Errorf("--base: %w", err))
	}
	at.worktree = strings.TrimSpace(string(file))
	c, err := m.collect(cmd, at, argv)
	if hint := leavesTree(tree, at.folder); hint != "" && (err != nil || c.failed != nil) {
		defer func() { fmt.Fprintln(stderr, "NOTE "+term.Printable(hint, 0)) }() // after what it explains
	}
	switch status := exit.Of(err, exit.OK); {
	case status == exit.Usage, status == exit.Interrupted:
		return base{}, err
	case err != nil && status == exit.NotMeasured:
		return base{}, exit.With(exit.NotMeasured, fmt.Errorf("the merge base with %s could not be measured: %w", ref, err))
	case err != nil:
		fmt.Fprintf(stderr, "The merge base has no measurements, so everything is new: %s\n", term.PrintableLines(err.Error()))
	case c.failed != nil:
		unmeasuredNotes(stderr, merge.Shortened(c.measured, c.measured.Name))
		fmt.Fprintf(stderr, "The merge base is incomplete: %s\n", term.PrintableLines(c.failed.Error()))
		b.had = collect.FindTests(tree)
	}
	fmt.Fprintln(stderr, "Measuring the working tree.")
	b.File = c.measured
	return b, nil
}

// updateSubmodules fetches the submodules of tree that the user has in root, and those that root no
// longer has. Fetching others would change the configuration, which is of all worktrees.
func updateSubmodules(ctx context.Context, tree, root string) error {
	if _, err := collect.Git(ctx, tree, "submodule", "--quiet", "update"); err != nil {
		return err
	}
	for _, removed := range submodulesOnlyIn(ctx, tree, root) {
		if _, err := collect.Git(ctx, tree, "submodule", "--quiet", "update", "--init", "--", removed); err != nil {
			return err
		}
	}
	// The user may not have these; without one that they need, tests fail.
	_, _ = collect.Git(ctx, tree, "submodule", "--quiet", "foreach", "git submodule --quiet update --init --recursive || :")
	return nil
}

// submodulesOnlyIn returns the paths of the submodules of tree that root does not have.
func submodulesOnlyIn(ctx context.Context, tree, root string) []string {
	paths := func(folder string) []string {
		list, _ := collect.Git(ctx, folder, "config", "--file", ".gitmodules", "--get-regexp", `^submodule\..*\.path$`)
		var paths []string
		for line := range strings.Lines(list) {
			_, path, _ := strings.Cut(strings.TrimSpace(line), " ")
			paths = append(paths, path)
		}
		return paths
	}
	now := paths(root)
	return slices.DeleteFunc(paths(tree), func(path string) bool { return path == "" || slices.Contains(now, path) })
}

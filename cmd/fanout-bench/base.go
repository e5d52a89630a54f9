package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/collect"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/merge"
	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// errNoBase is in the error of what is to be judged by and is not there: it depends on the
// repository and on caches, and not on how the gate is called.
var errNoBase = errors.New("")

// measureBase runs a command where the current branch left ref, in a worktree of its own, and
// returns what it measured there and the commit. Tests that fail there are no error: what they
// measure is new.
func measureBase(cmd *cobra.Command, m *measurement, ref string, argv []string) (_ report.File, commit string, err error) {
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	here, err := os.Getwd()
	if err != nil {
		return report.File{}, "", exit.With(exit.NotMeasured, err)
	}
	root, err := collect.Git(ctx, here, "rev-parse", "--show-toplevel")
	if err != nil {
		return report.File{}, "", exit.With(exit.Usage, fmt.Errorf("--base: %w; it needs a git repository%w", err, errNoBase))
	}
	if commit, err = collect.MergeBase(ctx, here, ref); err != nil {
		return report.File{}, "", exit.With(exit.Usage, fmt.Errorf("--base: %w%w", err, errNoBase))
	}
	// The root may be called by a link.
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return report.File{}, "", exit.With(exit.NotMeasured, err)
	}
	within, err := filepath.Rel(root, here)
	if err != nil {
		return report.File{}, "", exit.With(exit.NotMeasured, err)
	}
	folder, err := tempfolder.New(os.TempDir(), "base")
	if err != nil {
		return report.File{}, "", exit.With(exit.NotMeasured, err)
	}
	tree := filepath.Join(folder.Path, filepath.Base(root))
	defer func() {
		// Also after an interrupt. What it knows of worktrees that are gone goes as well.
		err = errors.Join(err, folder.Remove())
		_, pruneErr := collect.Git(context.WithoutCancel(ctx), root, "worktree", "prune")
		err = errors.Join(err, pruneErr)
	}()
	if _, err := collect.Git(ctx, root, "worktree", "add", "--quiet", "--detach", tree, commit); err != nil {
		return report.File{}, "", exit.With(exit.NotMeasured, fmt.Errorf("--base: %w", err))
	}
	if _, err := os.Stat(filepath.Join(tree, ".gitmodules")); err == nil {
		if _, err := collect.Git(ctx, tree, "submodule", "--quiet", "update", "--init", "--recursive"); err != nil {
			return report.File{}, "", exit.With(exit.NotMeasured, fmt.Errorf("--base: its submodules: %w", err))
		}
	}
	fmt.Fprintf(stderr, "Measuring %s, where %s was left.\n", commit[:12], term.Printable(ref, 0))
	base, err := m.collect(cmd, filepath.Join(tree, within), argv)
	switch status := exit.Of(err, exit.OK); {
	case status == exit.Usage, status == exit.Interrupted:
		return report.File{}, "", err
	case err != nil && status == exit.NotMeasured: // nobody knows what it cost
		return report.File{}, "", exit.With(exit.NotMeasured, fmt.Errorf("nothing could be measured where %s was left: %w", ref, err))
	case err != nil:
		fmt.Fprintf(stderr, "Nothing was measured there, so that everything is new: %s\n", term.PrintableLines(err.Error()))
	case base.failed != nil:
		unmeasuredNotes(stderr, merge.Shortened(base.measured, base.measured.Name))
		fmt.Fprintf(stderr, "What was not measured there is new: %s\n", term.PrintableLines(base.failed.Error()))
	}
	fmt.Fprintln(stderr, "Measuring what is here.")
	return base.measured, commit[:12], nil
}

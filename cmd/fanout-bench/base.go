package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// measureBase runs a command at the merge base of HEAD and ref, in a new worktree, and returns the
// results and the commit. A test that fails there is not an error: its measurements are new.
func measureBase(cmd *cobra.Command, m *measurement, ref string, argv []string) (_ report.File, commit string, err error) {
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	here, err := os.Getwd()
	if err != nil {
		return report.File{}, "", exit.With(exit.NotMeasured, err)
	}
	paths, err := collect.Git(ctx, here, "rev-parse", "--show-toplevel", "--show-prefix")
	if err != nil {
		return report.File{}, "", exit.With(exit.Usage, fmt.Errorf("--base: %w; it needs a git repository%w", err, errNoBase))
	}
	if commit, err = collect.MergeBase(ctx, here, ref); err != nil {
		return report.File{}, "", exit.With(exit.Usage, fmt.Errorf("--base: %w%w", err, errNoBase))
	}
	root, within, _ := strings.Cut(paths, "\n")
	folder, err := tempfolder.New(os.TempDir(), "base")
	if err != nil {
		return report.File{}, "", exit.With(exit.NotMeasured, fmt.Errorf("%w; set TMPDIR to another folder", err))
	}
	tree := filepath.Join(folder.Path, filepath.Base(root))
	defer func() {
		// Clean up after an interrupt as well.
		err = errors.Join(err, folder.Remove())
		_, pruneErr := collect.Git(context.WithoutCancel(ctx), root, "worktree", "prune")
		err = errors.Join(err, pruneErr)
	}()
	if _, err := collect.Git(ctx, root, "worktree", "add", "--quiet", "--detach", tree, commit); err != nil {
		return report.File{}, "", exit.With(exit.NotMeasured, fmt.Errorf("--base: %w", err))
	}
	if _, err := os.Stat(filepath.Join(tree, ".gitmodules")); err == nil {
		if _, err := collect.Git(ctx, tree, "submodule", "--quiet", "update", "--init", "--recursive"); err != nil {
			return report.File{}, "", exit.With(exit.NotMeasured, fmt.Errorf("--base: update submodules: %w", err))
		}
	}
	fmt.Fprintf(stderr, "Measuring %s, the merge base with %s.\n", commit[:12], term.Printable(ref, 0))
	base, err := m.collect(cmd, filepath.Join(tree, within), argv)
	if hint := leavesTree(tree, filepath.Join(tree, within)); hint != "" && (err != nil || base.failed != nil) {
		defer func() { fmt.Fprintln(stderr, "NOTE "+term.Printable(hint, 0)) }() // after what it explains
	}
	switch status := exit.Of(err, exit.OK); {
	case status == exit.Usage, status == exit.Interrupted:
		return report.File{}, "", err
	case err != nil && status == exit.NotMeasured:
		return report.File{}, "", exit.With(exit.NotMeasured, fmt.Errorf("the merge base with %s could not be measured: %w", ref, err))
	case err != nil:
		fmt.Fprintf(stderr, "The merge base has no measurements, so everything is new: %s\n", term.PrintableLines(err.Error()))
	case base.failed != nil:
		unmeasuredNotes(stderr, merge.Shortened(base.measured, base.measured.Name))
		fmt.Fprintf(stderr, "What the merge base did not measure is new: %s\n", term.PrintableLines(base.failed.Error()))
	}
	fmt.Fprintln(stderr, "Measuring the working tree.")
	return base.measured, commit[:12], nil
}

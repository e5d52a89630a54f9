package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fanout-bench/fanout-bench/internal/tempfolder"
	"github.com/fanout-bench/fanout-bench/internal/term"
	"github.com/fanout-bench/fanout-bench/report"
)

// measureBase runs a command where the current branch left ref, in a worktree of its own, and
// returns what it measured there and the commit. Tests that fail there are no error: what they
// measure is new.
func measureBase(cmd *cobra.Command, m *measurement, ref string, argv []string) (_ report.File, commit string, err error) {
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	here, err := os.Getwd()
	if err != nil {
		return report.File{}, "", withStatus(statusNotMeasured, err)
	}
	root, err := git(ctx, here, "rev-parse", "--show-toplevel")
	if err != nil {
		return report.File{}, "", withStatus(statusUsage, fmt.Errorf("--base: %w; it needs a git repository", err))
	}
	if commit, err = mergeBase(ctx, here, ref); err != nil {
		return report.File{}, "", withStatus(statusUsage, fmt.Errorf("--base: %w", err))
	}
	// The root may be called by a link.
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return report.File{}, "", withStatus(statusNotMeasured, err)
	}
	within, err := filepath.Rel(root, here)
	if err != nil {
		return report.File{}, "", withStatus(statusNotMeasured, err)
	}
	folder, err := tempfolder.New(os.TempDir(), "base")
	if err != nil {
		return report.File{}, "", withStatus(statusNotMeasured, err)
	}
	tree := filepath.Join(folder.Path, filepath.Base(root))
	defer func() {
		// Also after an interrupt. What it knows of worktrees that are gone goes as well.
		err = errors.Join(err, folder.Remove())
		_, pruneErr := git(context.WithoutCancel(ctx), root, "worktree", "prune")
		err = errors.Join(err, pruneErr)
	}()
	if _, err := git(ctx, root, "worktree", "add", "--quiet", "--detach", tree, commit); err != nil {
		return report.File{}, "", withStatus(statusNotMeasured, fmt.Errorf("--base: %w", err))
	}
	if _, err := os.Stat(filepath.Join(tree, ".gitmodules")); err == nil {
		if _, err := git(ctx, tree, "submodule", "--quiet", "update", "--init", "--recursive"); err != nil {
			return report.File{}, "", withStatus(statusNotMeasured, fmt.Errorf("--base: its submodules: %w", err))
		}
	}
	fmt.Fprintf(stderr, "Measuring %s, where %s was left.\n", commit[:12], term.Printable(ref, 0))
	base, err := m.collect(cmd, filepath.Join(tree, within), argv)
	switch status := statusOf(err, statusOK); {
	case status == statusUsage, status == statusInterrupted:
		return report.File{}, "", err
	case err != nil:
		fmt.Fprintf(stderr, "Nothing was measured there, so that everything is new: %s\n", term.PrintableLines(err.Error()))
	case base.failed != nil:
		fmt.Fprintf(stderr, "What was not measured there is new: %s\n", term.PrintableLines(base.failed.Error()))
	}
	fmt.Fprintln(stderr, "Measuring what is here.")
	return base.measured, commit[:12], nil
}

// mergeBase returns the commit that HEAD and ref have in common.
func mergeBase(ctx context.Context, folder, ref string) (string, error) {
	if strings.HasPrefix(ref, "-") {
		return "", fmt.Errorf("%q is no branch or commit", ref)
	}
	if _, err := git(ctx, folder, "rev-parse", "--verify", "--quiet", ref+"^{commit}"); err != nil {
		return "", fmt.Errorf("%q is no branch or commit here; where it is on a remote, fetch it: git fetch origin %s", ref, term.ShellWord(strings.TrimPrefix(ref, "origin/")))
	}
	commit, err := git(ctx, folder, "merge-base", "HEAD", ref)
	if err != nil {
		if shallow, _ := git(ctx, folder, "rev-parse", "--is-shallow-repository"); shallow == "true" {
			return "", fmt.Errorf("the history here ends before the commit that HEAD and %s have in common; fetch all of it: git fetch --unshallow, or fetch-depth: 0 of actions/checkout", ref)
		}
		return "", fmt.Errorf("HEAD and %s have no commit in common", ref)
	}
	return commit, nil
}

// git runs git in a folder, and returns what it prints.
func git(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = folder
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, io.Writer(&stderr)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", errInterrupted
		}
		why := strings.TrimSpace(stderr.String())
		if why == "" {
			why = err.Error()
		}
		return "", fmt.Errorf("git %s: %s", args[0], why)
	}
	return strings.TrimSpace(stdout.String()), nil
}

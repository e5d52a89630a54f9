package collect

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/exit"
	"github.com/fanout-bench/fanout-bench/internal/term"
)

// MergeBase returns the newest common commit of HEAD and ref.
func MergeBase(ctx context.Context, folder, ref string) (string, error) {
	if strings.HasPrefix(ref, "-") {
		return "", fmt.Errorf("%q is not a branch or commit", ref)
	}
	if _, err := Git(ctx, folder, "rev-parse", "--verify", "--quiet", ref+"^{commit}"); err != nil {
		return "", fmt.Errorf("%q is not a branch or commit here; if it is on a remote, fetch it: git fetch origin %s", ref, term.ShellWord("+refs/heads/"+strings.TrimPrefix(ref, "origin/")+":refs/remotes/origin/"+strings.TrimPrefix(ref, "origin/")))
	}
	commit, err := Git(ctx, folder, "merge-base", "HEAD", ref)
	if err != nil {
		if shallow, _ := Git(ctx, folder, "rev-parse", "--is-shallow-repository"); shallow == "true" {
			return "", fmt.Errorf("the clone is too shallow to find the common commit of HEAD and %s; fetch the whole history: git fetch --unshallow, or fetch-depth: 0 of actions/checkout", ref)
		}
		return "", fmt.Errorf("HEAD and %s have no common commit", ref)
	}
	return commit, nil
}

// Git runs git in a folder and returns its output.
func Git(ctx context.Context, folder string, args ...string) (string, error) {
	// Hooks, for example after a checkout, are for the user's own worktrees.
	cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.hooksPath=" + os.DevNull}, args...)...)
	cmd.Dir, cmd.Env = folder, anyRepository()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", exit.ErrInterrupted
		}
		return "", fmt.Errorf("git %s: %s", args[0], cmp.Or(strings.TrimSpace(stderr.String()), err.Error()))
	}
	return strings.TrimSpace(stdout.String()), nil
}

// anyRepository returns the environment for git and tests in any folder. Git tells its hooks which
// repository and index are theirs; in another worktree, git would replace the index of the commit
// that is being made.
func anyRepository() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"}, name)
	})
}

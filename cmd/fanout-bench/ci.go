package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/interrupt"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/ci"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/markdown"
	"github.com/fanout-bench/fanout-bench/cmd/fanout-bench/internal/render/view"
	"github.com/fanout-bench/fanout-bench/internal/oserr"
	"github.com/fanout-bench/fanout-bench/report"
)

// announce writes annotations, the step summary and the outputs of the step in GitHub Actions. The
// outputs are the verdict and the number of measurements for each kind of difference.
func announce(ctx context.Context, log io.Writer, d view.Document) error {
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		return nil
	}
	if _, err := io.WriteString(log, ci.Annotations(d.Judgment, d.Advice, d.BaselineOf)); err != nil {
		return err
	}
	return errors.Join(
		appendTo(ctx, "GITHUB_STEP_SUMMARY", markdown.Comment(d)),
		appendTo(ctx, "GITHUB_OUTPUT", fmt.Sprintf("verdict=%s\nworse=%d\nbetter=%d\nsame=%d\nnew=%d\nmissing=%d\noutcome=%d\n",
			d.Verdict(), d.Count(report.Worse), d.Count(report.Better), d.Count(report.Same),
			d.Count(report.Added), d.Count(report.Missing), d.Count(report.NotCompared))))
}

// source returns the URL of the repository's files at this commit, in CI on GitHub or GitLab.
func source() string {
	variable := func(name string) string { return strings.TrimRight(os.Getenv(name), "/") }
	for _, address := range []string{
		variable("GITHUB_SERVER_URL") + "/" + variable("GITHUB_REPOSITORY") + "/blob/" + variable("GITHUB_SHA") + "/",
		variable("CI_PROJECT_URL") + "/-/blob/" + variable("CI_COMMIT_SHA") + "/",
	} {
		if sourceAddress.MatchString(address) {
			return address
		}
	}
	return ""
}

// sourceAddress matches URLs that need no escaping in a link.
var sourceAddress = regexp.MustCompile(`^https?://[a-zA-Z0-9.:_-]+(/[a-zA-Z0-9._-]+)+/blob/[0-9a-f]{7,64}/$`)

// appendTo appends to the file that an environment variable names, if it is set.
func appendTo(ctx context.Context, variable, text string) error {
	name := os.Getenv(variable)
	if name == "" {
		return nil
	}
	_, err := interrupt.Unless(ctx, func() (int, error) {
		file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return 0, err
		}
		n, err := file.WriteString(text)
		return n, errors.Join(err, file.Close())
	})
	if err != nil {
		return fmt.Errorf("write to the file in $%s: %w", variable, oserr.WithoutPath(err))
	}
	return nil
}

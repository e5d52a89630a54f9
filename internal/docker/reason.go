package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"regexp"
	"strings"
	"unicode"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go/modules/postgres"
)

const (
	shownLines = 4
	readBytes  = 64 << 10 // of the log of a container
)

// isDenied reports whether err, of the search for an engine, says that its socket
// belongs to others. The search goes on where the engine that is named does not answer,
// and finds the sockets of others, which nobody has asked for.
func isDenied(ctx context.Context, err error) bool {
	named := os.Getenv(client.EnvOverrideHost)
	if named == "" {
		return isPermission(err)
	}
	path, isSocket := strings.CutPrefix(named, "unix://")
	if !isSocket {
		return false
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return errors.Is(err, fs.ErrPermission)
	}
	_ = conn.Close()
	return false
}

// isPermission reports whether err says that the socket of the engine belongs to
// others. The client does not wrap what the system said.
func isPermission(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errdefs.IsPermissionDenied(err) ||
		strings.Contains(err.Error(), "permission denied")
}

// isAPIVersion reports whether the version of the API is not one of the engine's. The
// client only has a text for it.
func isAPIVersion(err error) bool {
	return os.Getenv(client.EnvOverrideAPIVersion) != "" && strings.Contains(strings.ToLower(err.Error()), "api version")
}

// isReaper reports whether it was the reaper that could not be started, for which
// testcontainers has no value.
func isReaper(err error) bool { return strings.Contains(err.Error(), "reaper: ") }

// reduced leaves of an error of the engine what tells nothing of where it is.
func (e *Engine) reduced(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case client.IsErrConnectionFailed(err):
		return errors.New("the Docker engine does not answer any more")
	}
	return errors.New(withoutPlaces(printable(err.Error())))
}

// startFailure says why the server of container did not start.
func (e *Engine) startFailure(ctx context.Context, r Request, container *postgres.PostgresContainer, err error) error {
	how := "failed"
	switch {
	case client.IsErrConnectionFailed(err):
		return errors.New("start a container: the Docker engine does not answer any more")
	case errors.Is(err, errEnded):
		how = "ended at once"
	case errors.Is(err, context.DeadlineExceeded):
		how = "took longer than " + startLimit.String()
	}
	said := lastLines(ctx, container)
	if said == "" {
		said = withoutPlaces(printable(err.Error()))
	}
	said = logTime.ReplaceAllString(said, "")
	said = strings.ReplaceAll(said, r.Password, "***")
	return fmt.Errorf("the server in a container of %s %s: %s", printable(r.Image), how, said)
}

// lastLines returns the last lines of the log of a container in one line.
func lastLines(ctx context.Context, container *postgres.PostgresContainer) string {
	logs, err := container.Logs(ctx)
	if err != nil {
		return ""
	}
	defer func() { _ = logs.Close() }()
	text, _ := io.ReadAll(io.LimitReader(logs, readBytes))
	var lines []string
	for line := range bytes.Lines(text) {
		if shown := strings.TrimSpace(printable(string(line))); shown != "" {
			lines = append(lines, withoutPlaces(shown))
		}
	}
	return strings.Join(lines[max(0, len(lines)-shownLines):], " | ")
}

// logTime matches the start of a line of the server's log, as it is by default.
var logTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+ \[\d+\] `)

// place matches an absolute path, an address and a URL, where they begin.
var place = regexp.MustCompile(`(^|[\s"'(=:\[])(?:[a-z+]+://[^\s"']+|/[^\s"'),;]+|(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|\[[0-9a-f:]+\](?::\d+)?)`)

func withoutPlaces(text string) string { return place.ReplaceAllString(text, "$1***") }

// printable drops everything that could move a terminal's cursor or reorder its
// text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
}

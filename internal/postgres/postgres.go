// Package postgres obtains a PostgreSQL server and makes scratch databases on
// it.
//
//	server, err := postgres.Open(ctx, postgres.Options{})
//	if err != nil {
//		return err
//	}
//	defer server.Close()
//	config, err := server.Create(ctx, "CREATE TABLE t (id int)")
//
// The server is either one the user points to, on which nothing but the
// scratch databases is ever written, or a temporary one that disappears with
// the process. This package chooses which; package scratch has the databases, temporary the
// server that is started here, and redact the texts of errors. No error of this package contains a password. Errors do name hosts,
// ports, users and paths, so they are for whoever runs the command, and not for files.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
	"github.com/fanout-bench/fanout-bench/internal/postgres/temporary"
)

// The values of Options.Mode that mean something to a caller; Modes has them all.
const (
	ModeAuto   = "auto"
	ModeDocker = "docker"
	ModeURL    = "url"
)

// A source is one way to obtain a server.
type source struct {
	mode string // the Mode that forces it
	open func(context.Context, Options) (*scratch.Server, error)
	// examine says what open would find, or why it would fail. Nil: open is tried out.
	examine func(context.Context, Options) (string, error)
}

// sources holds every source in the order in which mode auto tries them. An
// error of open or examine is shown beside those of the other sources, so it is one line
// and does not repeat the mode.
var sources = []source{
	{ModeURL, openURL, nil},
	{"local", openLocal, nil},
	{ModeDocker, openDocker, examineDocker},
	{"embedded", openEmbedded, examineEmbedded},
}

// Modes returns the valid values of Options.Mode, the default first.
func Modes() []string {
	modes := []string{ModeAuto}
	for _, s := range sources {
		modes = append(modes, s.mode)
	}
	return modes
}

// Open obtains a server. The caller closes it.
//
// Mode auto takes the first source that works, except that a URL is binding:
// whoever names a server does not want to measure on another one because of a
// typing error.
//
// ctx limits Open only, not the life of the server. If it ends, whatever was
// started has been stopped and removed by the time Open returns, and the error
// wraps that of ctx. Other errors are ErrNoURL, or say why no server could be had.
func Open(ctx context.Context, o Options) (*scratch.Server, error) {
	o, candidates, err := candidates(o)
	if err != nil {
		return nil, err
	}
	_ = Sweep(ctx) // what it leaves is no obstacle
	var tried strings.Builder
	for _, s := range candidates {
		server, err := s.open(ctx, o)
		switch {
		case err == nil:
			return server, nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("obtain a PostgreSQL server: %w", ctx.Err())
		case s.mode == ModeURL && o.URL != "":
			return nil, fmt.Errorf("use the given PostgreSQL server: %w", err)
		}
		fmt.Fprintf(&tried, "  - %s: %v\n", s.mode, err)
	}
	return nil, errors.New("no PostgreSQL server to run on:\n" + tried.String() + ways(o.Variables))
}

// A Finding says whether a source would give a server on this machine.
type Finding struct {
	Mode string
	// Found says what there is. It is empty where Err is not nil.
	Found string
	// Err says why the source would give none.
	Err error
}

// Examine tries each source that o allows as far as that leaves nothing behind: a
// given server is connected to, a temporary one started and stopped, an engine
// asked for the image, a repository for the checksum of what would be downloaded.
// The first finding without an error is what Open would take.
func Examine(ctx context.Context, o Options) ([]Finding, error) {
	o, candidates, err := candidates(o)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, s := range sources {
		f := Finding{Mode: s.mode}
		switch {
		case !slices.ContainsFunc(candidates, func(c source) bool { return c.mode == s.mode }):
			f.Err = errors.New("not asked for")
		case s.examine != nil:
			f.Found, f.Err = s.examine(ctx, o)
		default:
			var server *scratch.Server
			if server, f.Err = s.open(ctx, o); f.Err == nil {
				f.Found, f.Err = server.Description(), server.Close()
			}
		}
		findings = append(findings, f)
	}
	return findings, ctx.Err()
}

// candidates returns the sources that o allows, in order, and o as they take it: without
// blanks, and with all settings.
func candidates(o Options) (Options, []source, error) {
	o.URL = strings.TrimSpace(o.URL)
	o.Settings = slices.Concat(temporary.Settings, o.Settings)
	if o.Notify == nil {
		o.Notify = func(string) {}
	}
	mode := cmp.Or(o.Mode, ModeAuto)
	if mode == ModeURL && o.URL == "" {
		return o, nil, fmt.Errorf("%w: set %s", ErrNoURL, urlPlaces(o.Variables))
	}
	if mode == ModeDocker && o.Docker == nil {
		return o, nil, errNoDocker
	}
	if mode == ModeAuto {
		if o.URL == "" {
			return o, sources, nil
		}
		mode = ModeURL
	}
	i := slices.IndexFunc(sources, func(s source) bool { return s.mode == mode })
	if i < 0 {
		return o, nil, fmt.Errorf("unknown database mode %q, want one of %s", mode, strings.Join(Modes(), ", "))
	}
	return o, sources[i : i+1], nil
}

// openURL uses the server that o.URL names.
func openURL(ctx context.Context, o Options) (*scratch.Server, error) {
	switch {
	case o.URL != "":
		return scratch.Given(ctx, o.URL)
	case o.Variables:
		return nil, errors.New("FANOUT_DATABASE_URL is not set")
	default:
		return nil, errors.New("neither --database-url nor FANOUT_DATABASE_URL is set")
	}
}

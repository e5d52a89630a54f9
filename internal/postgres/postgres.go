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
// the process. No error of this package contains a password. Errors do name hosts,
// ports, users and paths, so they are for whoever runs the command, and not for files.
package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Options says where to get a server from. The zero value is ready to use.
type Options struct {
	// Mode is one of Modes. Empty means "auto".
	Mode string
	// URL is the connection string of a server, as a URL or as key=value
	// pairs; nothing but blanks counts as empty, for the driver would take it for
	// whatever the PG* variables name. Mode "url" requires it, mode "auto" uses it and nothing else if it
	// is not empty, the other modes ignore it.
	URL string
	// Settings are more settings of a temporary server, as name=value.
	Settings []string
	// Docker starts servers in containers. Nil, as in tests: mode auto does without.
	Docker Docker
	// Variables says that whoever reads an error sets environment variables, as under
	// 'go test', and has no flags.
	Variables bool
	// Notify is called with a line for whoever waits when something is fetched,
	// which may take minutes. Nil means that nobody wants to know.
	Notify func(line string)
}

func (o Options) notify(line string) {
	if o.Notify != nil {
		o.Notify(line)
	}
}

// The values of Options.Mode that mean something to a caller; Modes has them all.
const (
	ModeAuto   = "auto"
	ModeDocker = "docker"
	ModeURL    = "url"
)

// A source is one way to obtain a server.
type source struct {
	mode string // the Mode that forces it
	open func(context.Context, Options) (*Server, error)
	// examine says what open would find, or why it would fail.
	examine func(context.Context, Options) (string, error)
}

// sources holds every source in the order in which mode auto tries them. An
// error of open or examine is shown beside those of the other sources, so it is one line
// and does not repeat the mode.
var sources = []source{
	{ModeURL, openURL, examineURL},
	{"local", openLocal, examineLocal},
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
// wraps that of ctx. Other errors are ErrUnknownMode, ErrNoURL, or say why no
// server could be had.
func Open(ctx context.Context, o Options) (*Server, error) {
	o, candidates, err := candidates(o)
	if err != nil {
		return nil, err
	}
	_ = Sweep(ctx) // what it leaves is no obstacle
	var tried []attempt
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
		tried = append(tried, attempt{s.mode, err})
	}
	return nil, &unavailableError{tried, o.Variables}
}

// candidates returns the sources that o allows, in order, and o without blanks.
func candidates(o Options) (Options, []source, error) {
	o.URL = strings.TrimSpace(o.URL)
	mode := o.Mode
	if mode == "" {
		mode = ModeAuto
	}
	if mode == ModeURL && o.URL == "" {
		return o, nil, noURL(o.Variables)
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
		return o, nil, fmt.Errorf("%w %q, want one of %s", ErrUnknownMode, mode, strings.Join(Modes(), ", "))
	}
	return o, sources[i : i+1], nil
}

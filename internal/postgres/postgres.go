// Package postgres obtains a PostgreSQL server and creates scratch databases on it.
//
//	server, err := postgres.Open(ctx, postgres.Options{})
//	if err != nil {
//		return err
//	}
//	defer server.Close()
//	config, err := server.Create(ctx, "CREATE TABLE t (id int)")
//
// The user names the server, or the package starts a temporary one that ends with the
// process. On a server that the user names, only scratch databases are written. Package
// scratch manages the databases, and temporary starts servers.
//
// Errors never contain a password. They do name hosts, ports, users and paths, so show them
// to the user of the command but do not write them to files.
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

// Some values of Options.Mode; Modes returns all of them.
const (
	ModeAuto   = "auto"
	ModeDocker = "docker"
	ModeURL    = "url"
)

// A source is one way to obtain a server.
type source struct {
	mode string // the value of Options.Mode that selects it
	open func(context.Context, Options) (*scratch.Server, error)
	// examine returns what open would find. If it is nil, Examine calls open.
	examine func(context.Context, Options) (string, error)
}

// sources lists every source in the order in which mode auto tries them. Errors of open and
// examine are one line and do not repeat the mode, because they are listed by mode.
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
// Mode auto takes the first source that works. If there is a URL it is the only source: a
// typing error must not lead to measurements on another server.
//
// ctx limits Open only, not the life of the server. If ctx ends, Open stops and removes
// whatever it started, and its error wraps that of ctx.
func Open(ctx context.Context, o Options) (*scratch.Server, error) {
	o, candidates, err := candidates(o)
	if err != nil {
		return nil, err
	}
	_ = Sweep(ctx) // leftovers do no harm
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
	return nil, errors.New("no PostgreSQL server found:\n" + tried.String() + ways(o.Variables))
}

// A Finding says whether a source can provide a server on this machine.
type Finding struct {
	Mode string
	// Found describes the server. It is empty if Err is set.
	Found string
	// Err says why the source cannot provide one.
	Err error
}

// Examine tries each source that o allows and leaves nothing behind. It connects to a given
// server, starts and stops a temporary one, looks for the image, or fetches the checksum of
// the download. Open would take the first finding without an error.
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
			f.Err = errors.New("not selected")
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

// candidates returns the sources that o allows, in order, and o with defaults filled in.
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
	if o.URL == "" {
		return nil, errors.New("no URL is given; set " + urlPlaces(o.Variables))
	}
	return scratch.Given(ctx, o.URL)
}

func openDocker(ctx context.Context, o Options) (*scratch.Server, error) {
	if o.Docker == nil {
		return nil, errNoDocker
	}
	return o.Docker.Open(ctx, o.Settings, o.Notify)
}

func examineDocker(ctx context.Context, o Options) (string, error) {
	if o.Docker == nil {
		return "", errNoDocker
	}
	return o.Docker.Examine(ctx)
}

package postgres

import (
	"context"
	"errors"
	"slices"
)

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
		if slices.ContainsFunc(candidates, func(c source) bool { return c.mode == s.mode }) {
			f.Found, f.Err = s.examine(ctx, o)
		} else {
			f.Err = errors.New("not asked for")
		}
		findings = append(findings, f)
	}
	return findings, ctx.Err()
}

func examineURL(ctx context.Context, o Options) (string, error) {
	return tryOut(openURL(ctx, o))
}

func examineLocal(ctx context.Context, o Options) (string, error) {
	return tryOut(openLocal(ctx, o))
}

// tryOut closes a server that could be opened.
func tryOut(s *Server, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return s.Description(), s.Close()
}

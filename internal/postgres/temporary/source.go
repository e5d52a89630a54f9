//go:build linux || darwin

// Package temporary starts PostgreSQL servers from the programs on this machine. Closing a
// server removes it and its folder. Sweep removes those of killed processes.
package temporary

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// A Source starts servers from PostgreSQL's programs.
type Source struct {
	// Bins are the folders to search for the programs; see InstalledBins.
	Bins []string
	// From says where the programs are from, for the description of a server.
	From string
	// Settings of the servers, as name=value.
	Settings []string

	bases []string // for tests: folders to make the temporary folder in; nil means bases
}

// Installed reports whether PostgreSQL's server programs are on this machine.
func Installed(ctx context.Context) bool {
	_, err := findPrograms(ctx, InstalledBins())
	return err == nil
}

// Open starts the newest version that works, in the first folder that works.
func (s Source) Open(ctx context.Context) (*scratch.Server, error) {
	installed, err := findPrograms(ctx, s.Bins)
	if err != nil {
		return nil, err
	}
	if s.bases == nil {
		s.bases = bases()
	}
	var reasons []string
	for _, p := range installed {
		for _, base := range s.bases {
			server, err := s.launch(ctx, p, base)
			if err == nil || ctx.Err() != nil {
				return server, err
			}
			// A version usually fails for the same reason in every folder.
			if reason := fmt.Sprintf("PostgreSQL %s: %v", p.version, err); !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
	}
	return nil, errors.New(strings.Join(reasons, "; "))
}

// launch starts a temporary server and connects to it.
func (s Source) launch(ctx context.Context, p programs, base string) (*scratch.Server, error) {
	c, err := startCluster(ctx, p, base, s.Settings)
	if err != nil {
		return nil, err
	}
	server, err := scratch.New(ctx, c.config, "temporary server from "+s.From, c.stop)
	if err != nil {
		return nil, redact.Also(err, c.stop())
	}
	return server, nil
}

// bases returns the parent folders for a temporary folder, best first.
func bases() []string {
	return append(slices.DeleteFunc(memoryFolders(), cramped), os.TempDir(), "/tmp")
}

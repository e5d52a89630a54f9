//go:build linux || darwin

package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A local starts temporary servers from PostgreSQL's programs on this machine.
type local struct {
	bins  []string // folders to look for the programs in
	bases []string // folders to make the temporary folder in, best first
	from  string   // where the programs are from, for the description
	more  []string // settings of the servers
}

// openLocal starts a temporary server.
func openLocal(ctx context.Context, o Options) (*Server, error) {
	return local{bins: binFolders(), bases: bases(), from: "local binaries", more: o.Settings}.open(ctx)
}

// Installed reports whether PostgreSQL's server programs are on this machine.
func Installed(ctx context.Context) bool {
	account, err := serverAccount()
	if err != nil {
		return false
	}
	_, err = findPrograms(ctx, binFolders(), account)
	return err == nil
}

// bases returns the folders in which a temporary folder can be made, best first.
func bases() []string {
	return append(slices.DeleteFunc(memoryFolders(), cramped), diskFolders()...)
}

func diskFolders() []string { return []string{os.TempDir(), "/tmp"} }

func sweptFolders() []string { return distinct(append(memoryFolders(), diskFolders()...)) }

// open starts the newest version that can be started, in the first folder that
// allows it.
func (l local) open(ctx context.Context) (*Server, error) {
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	installed, err := findPrograms(ctx, l.bins, account)
	if err != nil {
		return nil, err
	}
	var reasons []string
	for _, p := range installed {
		for _, base := range distinct(l.bases) {
			server, err := launch(ctx, p, account, base, l.from, slices.Concat(settings, l.more))
			if err == nil {
				return server, nil
			}
			if ctx.Err() != nil {
				return nil, err
			}
			reasons = append(reasons, fmt.Sprintf("PostgreSQL %s: %v", p.version, err))
		}
	}
	// A version mostly fails for the same reason in every folder.
	return nil, errors.New(strings.Join(distinct(reasons), "; "))
}

// launch starts a temporary server and connects to it.
func launch(ctx context.Context, p programs, account account, base string, from string, settings []string) (*Server, error) {
	if !filepath.IsAbs(base) {
		return nil, errors.New("the path of the temporary folder is not absolute")
	}
	c, err := startCluster(ctx, p, account, base, settings)
	if err != nil {
		return nil, err
	}
	s, err := newServer(ctx, c.config, "temporary server from "+from, nil, c.stop)
	if err != nil {
		return nil, also(err, c.stop())
	}
	return s, nil
}

// distinct returns texts without repeats, in order.
func distinct(texts []string) []string {
	var kept []string
	for _, t := range texts {
		if !slices.Contains(kept, t) {
			kept = append(kept, t)
		}
	}
	return kept
}

//go:build linux || darwin

package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/fanout-bench/fanout-bench/internal/oserr"
)

// A claim proves to others that the owner of containers lives: its folder is
// locked until the process ends, however it ends.
type claim struct{ folder *folder }

// newClaim makes a claim for the engine of an ID, after it has removed what killed
// runs left.
func newClaim(ctx context.Context, engine string) (claim, error) {
	_ = sweepAll(ctx)
	var errs []error
	for _, base := range distinct(diskFolders()) {
		f, err := newFolder(base)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		// Before the container, so that none is ever without.
		if err := os.WriteFile(f.container(), []byte(engine), 0o600); err != nil {
			errs = append(errs, fmt.Errorf("write to the temporary folder: %w", oserr.WithoutPath(err)), f.remove())
			continue
		}
		return claim{f}, nil
	}
	return claim{}, errors.Join(errs...)
}

func (c claim) owner() string { return c.folder.owner() }

// settle gives up the claim, given how the removal of the containers ended: what
// it left is for a later sweep.
func (c claim) settle(removal error) error {
	if removal != nil {
		c.folder.release()
		return removal
	}
	return c.folder.remove()
}

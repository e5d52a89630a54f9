package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// ownerLabel is that of every container of this package. Its value is the owner.
const ownerLabel = "com.github.fanout-bench.owner"

// removeLimit bounds the removal of the containers of an owner.
const removeLimit = 15 * time.Second

// A Container is one that this package started, in this process or another.
type Container struct {
	ID    string // the first twelve digits, as docker ps shows it
	Owner string
	// Ended says that the container does not run any more. It never will again.
	Ended bool
}

// Containers returns the containers of every owner, by owner and ID.
func (e *Engine) Containers(ctx context.Context) ([]Container, error) {
	limited, cancel := context.WithTimeout(ctx, removeLimit)
	defer cancel()
	return e.list(limited, ownerLabel)
}

func (e *Engine) list(ctx context.Context, label string) ([]Container, error) {
	list, err := e.client.ContainerList(ctx, client.ContainerListOptions{
		All:     true,
		Filters: make(client.Filters).Add("label", label),
	})
	if err != nil {
		return nil, fmt.Errorf("list the containers: %w", e.reduced(ctx, err))
	}
	var found []Container
	for _, c := range list.Items {
		ended := c.State == "exited" || c.State == "dead"
		found = append(found, Container{c.ID[:12], c.Labels[ownerLabel], ended})
	}
	slices.SortFunc(found, func(a, b Container) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.ID, b.ID))
	})
	return found, nil
}

// Remove kills and removes the containers of owner, with their data. It is no
// error if there are none.
func (e *Engine) Remove(ctx context.Context, owner string) error {
	ctx, cancel := context.WithTimeout(ctx, removeLimit)
	defer cancel()
	found, err := e.list(ctx, ownerLabel+"="+owner)
	if err != nil {
		return err
	}
	var ids []string
	for _, c := range found {
		ids = append(ids, c.ID)
	}
	return e.RemoveAll(ctx, ids)
}

// RemoveAll kills and removes containers, with their data. It is no error if there
// are none of these IDs any more.
func (e *Engine) RemoveAll(ctx context.Context, ids []string) error {
	var errs []error
	for _, id := range ids {
		_, err := e.client.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		// The reaper, or docker rm, may have been faster, or be at it.
		if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
			errs = append(errs, fmt.Errorf("remove the container %s: %w", id, e.reduced(ctx, err)))
		}
	}
	return errors.Join(errs...)
}

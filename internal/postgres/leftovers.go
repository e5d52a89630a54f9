package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/fanout-bench/fanout-bench/internal/docker"
)

// Leftovers are what killed runs left on this machine. Scratch databases on a
// server are its Orphans.
type Leftovers struct {
	// Folders are the names of temporary folders, of servers and of the owners of
	// containers. The next start removes them.
	Folders []string
	// Containers are those of the Docker engine whose owner is known to be dead, or
	// which have ended and whose owner is not on this machine.
	Containers []string
	// Strangers are containers that run and whose owner is not on this machine:
	// whether it lives cannot be known from here.
	Strangers []string
	// Unseen says why containers were not looked for; nil if they were.
	Unseen error
}

// FindLeftovers looks for leftovers.
func FindLeftovers(ctx context.Context) (Leftovers, error) {
	l := Leftovers{Folders: abandonedOwners()}
	engine, err := docker.Connect(ctx)
	if errors.Is(err, docker.ErrNoEngine) {
		l.Unseen = err
		return l, nil
	}
	if err != nil {
		return l, err
	}
	defer func() { _ = engine.Close() }()
	containers, err := engine.Containers(ctx)
	if err != nil {
		return l, err
	}
	l.sort(containers)
	return l, nil
}

// sort adds those of containers that are or may be left.
func (l *Leftovers) sort(containers []docker.Container) {
	for _, c := range containers {
		switch {
		case slices.Contains(l.Folders, c.Owner):
			l.Containers = append(l.Containers, c.ID)
		case claimed(c.Owner):
			// Even if it has ended: its owner still asks it why.
		case c.Ended:
			l.Containers = append(l.Containers, c.ID)
		default:
			l.Strangers = append(l.Strangers, c.ID)
		}
	}
}

// Remove removes the folders and the containers, except Strangers, and returns what
// is left for a reason that is in the error.
func (l Leftovers) Remove(ctx context.Context) (Leftovers, error) {
	err := removeAbandoned(ctx)
	if len(l.Containers) > 0 {
		err = errors.Join(err, l.removeContainers(ctx))
	}
	left, findErr := FindLeftovers(ctx)
	return left, errors.Join(err, findErr)
}

func (l Leftovers) removeContainers(ctx context.Context) error {
	engine, err := docker.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close() }()
	return engine.RemoveAll(ctx, l.Containers)
}

package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/docker"
)

// openDocker starts a server in a container.
func openDocker(ctx context.Context, o Options) (_ *Server, err error) {
	engine, err := docker.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = also(err, engine.Close())
		}
	}()
	image := cmp.Or(o.Image, docker.DefaultImage)
	missing, err := engine.Missing(ctx, image)
	if err != nil {
		return nil, err
	}
	for _, name := range missing {
		o.notify("Docker pulls the image " + printable(name) + ", once.")
		if err := engine.Pull(ctx, name); err != nil {
			return nil, err
		}
	}
	id, err := engine.ID(ctx)
	if err != nil {
		return nil, err
	}
	claim, err := newClaim(ctx, id)
	if err != nil {
		return nil, err
	}
	remove := func() error {
		return claim.settle(engine.Remove(context.Background(), claim.owner()))
	}
	defer func() {
		if err != nil {
			err = also(err, remove())
		}
	}()
	password := rand.Text()
	at, err := engine.Run(ctx, docker.Request{
		Owner:    claim.owner(),
		Image:    image,
		User:     superuser,
		Password: password,
		Settings: slices.Concat(settings, moreSettings(o)),
		Ready: func(ctx context.Context, host string, port uint16) error {
			return accepts(ctx, host, port, password)
		},
	})
	if err != nil {
		return nil, err
	}
	config, err := containerConfig(at.Host, at.Port, password)
	if err != nil {
		return nil, err
	}
	return newServer(ctx, config, "temporary server in a container", hiding(at.Host, password), func() error {
		return errors.Join(remove(), engine.Close())
	})
}

// accepts returns nil if the server at an address accepts connections.
func accepts(ctx context.Context, host string, port uint16, password string) error {
	config, err := containerConfig(host, port, password)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func containerConfig(host string, port uint16, password string) (*pgxpool.Config, error) {
	config, err := temporaryConfig(host, port, password)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.RequireAuth = docker.AuthMethod
	return config, nil
}

// removeContainers removes the containers that a dead owner had on the engine of an ID.
func removeContainers(ctx context.Context, owner, id string) error {
	engine, err := docker.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close() }()
	answering, err := engine.ID(ctx)
	if err != nil {
		return err
	}
	if answering != id {
		return errors.New("it is on another Docker engine than the one that answers")
	}
	return engine.Remove(ctx, owner)
}

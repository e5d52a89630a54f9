package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/docker"
)

// openDocker starts a server in a container.
func openDocker(ctx context.Context, o Options) (*Server, error) {
	image := cmp.Or(o.Image, DefaultImage)
	_, has, err := docker.Find(ctx, image)
	if err != nil {
		return nil, err
	}
	if !has {
		o.notify("Docker pulls the image " + printable(image) + ", once.")
	}
	password := rand.Text()
	container, err := docker.Run(ctx, docker.Request{
		Image: image, User: superuser, Password: password, Settings: slices.Concat(settings, moreSettings(o)),
	})
	if err != nil {
		return nil, err
	}
	for _, host := range container.Hosts {
		var config *pgxpool.Config
		if config, err = temporaryConfig(host, container.Port, password); err != nil {
			break
		}
		config.ConnConfig.RequireAuth = docker.AuthMethod // somebody else's server may be there
		var server *Server
		server, err = newServer(ctx, config, "temporary server in a container", hiding(host, password), container.Stop)
		if err == nil {
			return server, nil
		}
	}
	return nil, also(err, container.Stop())
}

func examineDocker(ctx context.Context, o Options) (string, error) {
	image := cmp.Or(o.Image, DefaultImage)
	version, has, err := docker.Find(ctx, image)
	switch {
	case err != nil:
		return "", err
	case has:
		return fmt.Sprintf("Docker %s, which has the image %s", printable(version), printable(image)), nil
	default:
		return fmt.Sprintf("Docker %s, which would pull %s", printable(version), printable(image)), nil
	}
}

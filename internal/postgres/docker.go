package postgres

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Docker starts servers in containers. This package has none: whoever tests with it
// would have to require all that it takes to speak to an engine.
type Docker interface {
	// Run starts a server, and pulls its image if the engine does not have it. On an
	// error no container is left.
	Run(ctx context.Context, r ContainerRequest) (Container, error)
	// Examine says which engine and image there are, or why Run would fail.
	Examine(ctx context.Context) (string, error)
}

// A ContainerRequest says what the server in a container is to be like.
type ContainerRequest struct {
	// Password is that of User, the superuser.
	User, Password string
	Settings       []string // as name=value
	// Notify is called with a line for whoever waits.
	Notify func(line string)
}

// A Container has a server. Its owner calls Stop.
type Container struct {
	Hosts []string // one of which it is at
	Port  uint16
	// Insist has a connection fail where the other side is not that server.
	Insist func(config *pgx.ConnConfig)
	Stop   func() error
}

// openDocker starts a server in a container.
func openDocker(ctx context.Context, o Options) (*Server, error) {
	if o.Docker == nil {
		return nil, errNoDocker
	}
	password := rand.Text()
	container, err := o.Docker.Run(ctx, ContainerRequest{
		User: superuser, Password: password, Settings: slices.Concat(settings, o.Settings), Notify: o.notify,
	})
	if err != nil {
		return nil, err
	}
	for _, host := range container.Hosts {
		var config *pgxpool.Config
		if config, err = temporaryConfig(host, container.Port, password); err != nil {
			break
		}
		container.Insist(config.ConnConfig) // somebody else's server may be there
		var server *Server
		server, err = newServer(ctx, config, "temporary server in a container", hiding(password), container.Stop)
		if err == nil {
			return server, nil
		}
	}
	return nil, also(err, container.Stop())
}

func examineDocker(ctx context.Context, o Options) (string, error) {
	if o.Docker == nil {
		return "", errNoDocker
	}
	found, err := o.Docker.Examine(ctx)
	return printable(found), err
}

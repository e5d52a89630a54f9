package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Options selects a server. The zero value is ready to use.
type Options struct {
	// Mode is one of Modes. Empty means "auto".
	Mode string
	// URL is the connection string of a server: a URL or key=value pairs. Blanks count as
	// empty; the driver would replace them by the PG* variables. Mode "url" requires it. In
	// mode "auto" a URL excludes the other sources. Other modes ignore it.
	URL string
	// Settings are additional settings of a temporary server, as name=value.
	Settings []string
	// Docker starts servers in containers. If it is nil, mode "auto" skips Docker.
	Docker Docker
	// Variables makes errors name environment variables only, because there are no flags
	// under 'go test'.
	Variables bool
	// Notify, if not nil, is called with a line of text before a download or pull, which
	// can take minutes.
	Notify func(line string)
}

// Docker starts servers in containers. The command implements it, so that tests do not
// require a Docker client.
type Docker interface {
	// Run starts a server and pulls its image if necessary. On error it leaves no container.
	Run(ctx context.Context, r ContainerRequest) (Container, error)
	// Examine describes the engine and the image, or returns why Run would fail.
	Examine(ctx context.Context) (string, error)
}

// A ContainerRequest describes the server to run in a container.
type ContainerRequest struct {
	// Password is the password of User, the superuser.
	User, Password string
	Settings       []string // as name=value
	// Notify is called with a line of text before the image is pulled.
	Notify func(line string)
}

// A Container runs a server. Its owner calls Stop.
type Container struct {
	Hosts []string // the server listens on one of them
	Port  uint16
	// Insist makes a connection fail if it reaches another server.
	Insist func(config *pgx.ConnConfig)
	Stop   func() error
}

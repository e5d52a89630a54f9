package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Options says where to get a server from. The zero value is ready to use.
type Options struct {
	// Mode is one of Modes. Empty means "auto".
	Mode string
	// URL is the connection string of a server, as a URL or as key=value
	// pairs; nothing but blanks counts as empty, for the driver would take it for
	// whatever the PG* variables name. Mode "url" requires it, mode "auto" uses it and nothing else if it
	// is not empty, the other modes ignore it.
	URL string
	// Settings are more settings of a temporary server, as name=value.
	Settings []string
	// Docker starts servers in containers. Nil, as in tests: mode auto does without.
	Docker Docker
	// Variables says that whoever reads an error sets environment variables, as under
	// 'go test', and has no flags.
	Variables bool
	// Notify is called with a line for whoever waits when something is fetched,
	// which may take minutes. Nil means that nobody wants to know.
	Notify func(line string)
}

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

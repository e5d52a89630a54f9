package postgres

import (
	"context"

	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
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
	// Open starts a server with settings, as name=value. It calls notify with a line of text
	// before it pulls an image. On error it leaves no container.
	Open(ctx context.Context, settings []string, notify func(line string)) (*scratch.Server, error)
	// Examine describes the engine and the image, or returns why Open would fail.
	Examine(ctx context.Context) (string, error)
}

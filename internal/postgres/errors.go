package postgres

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrUnknownMode is wrapped by the error of Open for a Mode that is not one
	// of Modes.
	ErrUnknownMode = errors.New("unknown database mode")

	// ErrNoURL is the error of Open for mode "url" without a URL.
	ErrNoURL = errors.New("database mode url needs a connection string: set --database-url or FANOUT_DATABASE_URL")

	// ErrNowhere is what to do where no source works.
	ErrNowhere = errors.New("no PostgreSQL server to run on" + ways)

	errClosed = errors.New("the server is closed")
)

// An attempt is a source that gave no server.
type attempt struct {
	mode string
	err  error
}

// An unavailableError says why each source gave no server, and what to do.
type unavailableError struct {
	tried []attempt
}

// ways tells how to get a server. It names what works on a machine that has
// nothing yet, shortest first.
const ways = `
Any of these gives it one:
  - install PostgreSQL's server programs:
      apt-get install postgresql
      brew install postgresql@17
      dnf install postgresql-server
  - start Docker, which then pulls the image ` + DefaultImage + `
  - with a way to Maven Central or a mirror of it, leave the rest to --db embedded
  - point to a server with --database-url or FANOUT_DATABASE_URL`

func (e *unavailableError) Error() string {
	var b strings.Builder
	b.WriteString("no PostgreSQL server to run on:\n")
	for _, a := range e.tried {
		b.WriteString("  - " + a.mode + ": " + a.err.Error() + "\n")
	}
	b.WriteString(ways[1:])
	return b.String()
}

// also adds what went wrong while cleaning up after err, on the same line.
func also(err, cleanup error) error {
	if cleanup == nil {
		return err
	}
	return fmt.Errorf("%w; %w", err, cleanup)
}

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

	errNoURLVariable = errors.New("database mode url needs a connection string: set FANOUT_DATABASE_URL")

	// ErrNowhere is what to do where no source works.
	ErrNowhere = errors.New("no PostgreSQL server to run on\n" + ways(false))

	errNoDocker = errors.New("run the tests by 'fanout-bench run -- go test ./...' (or gate, or accept), which starts PostgreSQL in Docker, or set FANOUT_DATABASE_URL")

	errClosed = errors.New("the server is closed")
)

// An attempt is a source that gave no server.
type attempt struct {
	mode string
	err  error
}

// noURL is the error for mode "url" without a URL.
func noURL(variables bool) error {
	if variables {
		return errNoURLVariable
	}
	return ErrNoURL
}

// An unavailableError says why each source gave no server, and what to do.
type unavailableError struct {
	tried     []attempt
	variables bool // see Options
}

// ways tells how to get a server, by flags or only by variables. It names what works on a
// machine that has nothing yet, shortest first.
func ways(variables bool) string {
	docker := "start Docker, which then pulls an image of PostgreSQL"
	embedded, url := "--db embedded", "--database-url or FANOUT_DATABASE_URL"
	if variables {
		docker = "start Docker, and run the tests by 'fanout-bench run -- go test ./...'"
		embedded, url = "FANOUT_DB=embedded", "FANOUT_DATABASE_URL"
	}
	return `Any of these gives it one:
  - install PostgreSQL's server programs:
      apt-get install postgresql
      brew install postgresql@17
      dnf install postgresql-server
  - ` + docker + `
  - with a way to Maven Central or a mirror of it, leave the rest to ` + embedded + `
  - point to a server with ` + url
}

func (e *unavailableError) Error() string {
	var b strings.Builder
	b.WriteString("no PostgreSQL server to run on:\n")
	for _, a := range e.tried {
		b.WriteString("  - " + a.mode + ": " + a.err.Error() + "\n")
	}
	b.WriteString(ways(e.variables))
	return b.String()
}

// also adds what went wrong while cleaning up after err, on the same line.
func also(err, cleanup error) error {
	if cleanup == nil {
		return err
	}
	return fmt.Errorf("%w; %w", err, cleanup)
}

package postgres

import "errors"

var (
	// ErrNoURL is the error of Open for mode "url" without a URL.
	ErrNoURL = errors.New("database mode url needs a connection string")

	// ErrNowhere is what to do where no source works.
	ErrNowhere = errors.New("no PostgreSQL server to run on\n" + ways(false))

	errNoDocker = errors.New("run the tests by 'fanout-bench run -- go test ./...' (or gate, or accept), which starts PostgreSQL in Docker, or set FANOUT_DATABASE_URL")
)

// urlPlaces says where a URL can be given.
func urlPlaces(variables bool) string {
	if variables {
		return "FANOUT_DATABASE_URL"
	}
	return "--database-url or FANOUT_DATABASE_URL"
}

// ways tells how to get a server, by flags or only by variables. It names what works on a
// machine that has nothing yet, shortest first.
func ways(variables bool) string {
	docker := "start Docker, which then pulls an image of PostgreSQL"
	embedded := "--db embedded"
	if variables {
		docker = "start Docker, and run the tests by 'fanout-bench run -- go test ./...'"
		embedded = "FANOUT_DB=embedded"
	}
	return `Any of these gives it one:
  - install PostgreSQL's server programs:
      apt-get install postgresql
      brew install postgresql@17
      dnf install postgresql-server
  - ` + docker + `
  - with a way to Maven Central or a mirror of it, leave the rest to ` + embedded + `
  - point to a server with ` + urlPlaces(variables)
}

package postgres

import "errors"

var (
	// ErrNoURL is returned by Open for mode "url" without a URL.
	ErrNoURL = errors.New("database mode url needs a connection string")

	// ErrNowhere says how to provide a server when no source works.
	ErrNowhere = errors.New("no PostgreSQL server found\n" + ways(false))

	errNoDocker = errors.New("this process cannot start Docker; run the tests with 'fanout-bench run -- go test ./...' (or gate, or accept), which starts PostgreSQL in Docker, or set FANOUT_DATABASE_URL")
)

// urlPlaces says where a URL can be given.
func urlPlaces(variables bool) string {
	if variables {
		return "FANOUT_DATABASE_URL"
	}
	return "--database-url or FANOUT_DATABASE_URL"
}

// ways lists the ways to provide a server, shortest first, by flags or only by variables.
func ways(variables bool) string {
	docker := "start Docker; a PostgreSQL image is pulled"
	embedded := "--db embedded"
	if variables {
		docker = "start Docker and run the tests with 'fanout-bench run -- go test ./...'"
		embedded = "FANOUT_DB=embedded"
	}
	return `Any of these provides one:
  - install the PostgreSQL server programs:
      apt-get install postgresql
      brew install postgresql@17
      dnf install postgresql-server
  - ` + docker + `
  - use ` + embedded + `, which downloads them from Maven Central or a mirror
  - name a server with ` + urlPlaces(variables)
}

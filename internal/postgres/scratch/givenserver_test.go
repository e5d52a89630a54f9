//go:build linux || darwin

package scratch_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// urlOf returns a URL of s, for user and database.
func urlOf(s *pgxpool.Config, user, database string) string {
	query := url.Values{"host": {s.ConnConfig.Host}, "user": {user}}
	return "postgres:///" + database + "?" + query.Encode()
}

// withCreator returns a server that has the role creator until the test ends.
func withCreator(t *testing.T) *pgxpool.Config {
	t.Helper()
	s := theirs(t)
	query[any](t, s, "CREATE ROLE creator LOGIN CREATEDB")
	t.Cleanup(func() { query[any](t, s, "DROP ROLE creator") })
	return s
}

// openURLOf opens s by URL as role creator.
func openURLOf(t *testing.T, s *pgxpool.Config) *scratch.Server {
	t.Helper()
	given, err := scratch.Given(t.Context(), urlOf(s, "creator", "postgres"))
	must.Succeed(t, err)
	t.Cleanup(func() { given.Close() })
	return given
}

const databases = "SELECT array_agg(datname::text ORDER BY datname) FROM pg_database"

// TestURL uses a temporary server in the role of a given one.
func TestURL(t *testing.T) {
	theirs := withCreator(t)
	query[any](t, theirs, "CREATE DATABASE precious")
	defer query[any](t, theirs, "DROP DATABASE precious")
	before := query[[]string](t, theirs, databases)

	t.Run("only scratch databases come and go", func(t *testing.T) {
		s := openURLOf(t, theirs)
		if !strings.HasSuffix(s.Description(), ", server given by its connection string") {
			t.Errorf("description is %q", s.Description())
		}
		source, err := s.Create(t.Context(), "CREATE TABLE t (id int)")
		must.Succeed(t, err)
		copied, err := s.Clone(t.Context(), source)
		must.Succeed(t, err)
		dropped, err := s.Create(t.Context(), "")
		must.Succeed(t, err)
		must.Succeed(t, s.Drop(t.Context(), dropped))
		want := append(slices.Clone(before), source.ConnConfig.Database, copied.ConnConfig.Database)
		slices.Sort(want)
		if got := query[[]string](t, theirs, databases); !slices.Equal(got, want) {
			t.Errorf("databases are %q, want %q", got, want)
		}

		pool, err := pgxpool.NewWithConfig(t.Context(), source)
		must.Succeed(t, err)
		if err := pool.Ping(t.Context()); err != nil { // leaves a connection open
			t.Fatal(err)
		}
		for range 2 {
			must.Succeed(t, s.Close())
		}
		pool.Close()
		if got := query[[]string](t, theirs, databases); !slices.Equal(got, before) {
			t.Errorf("databases after Close are %q, want %q", got, before)
		}
	})

	t.Run("what cannot be dropped is reported", func(t *testing.T) {
		s := openURLOf(t, theirs)
		config, err := s.Create(t.Context(), "")
		must.Succeed(t, err)
		name := config.ConnConfig.Database
		query[any](t, theirs, "ALTER DATABASE "+name+" OWNER TO postgres")
		defer query[any](t, theirs, "DROP DATABASE "+name)
		if err := s.Close(); err == nil || !strings.Contains(err.Error(), "drop scratch database "+name+": ERROR: must be owner") {
			t.Errorf("error is %v", err)
		}
	})

	t.Run("a database with an encoding and settings of old", func(t *testing.T) {
		query[any](t, theirs, "CREATE DATABASE aged TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
		defer query[any](t, theirs, "DROP DATABASE aged")
		query[any](t, theirs, "ALTER DATABASE aged SET standard_conforming_strings = off")
		s, err := scratch.Given(t.Context(), urlOf(theirs, "creator", "aged"))
		must.Succeed(t, err)
		_, err = s.Create(t.Context(), "")
		must.Succeed(t, err)
		must.Succeed(t, s.Close())
	})

	t.Run("a role without CREATEDB", func(t *testing.T) {
		query[any](t, theirs, `CREATE ROLE "we""ird" LOGIN`)
		defer query[any](t, theirs, `DROP ROLE "we""ird"`)
		_, err := scratch.Given(t.Context(), urlOf(theirs, `we"ird`, "postgres"))
		if err == nil || !strings.HasSuffix(err.Error(), `ALTER ROLE "we""ird" CREATEDB`) {
			t.Errorf("error is %v", err)
		}
	})

	t.Run("a database that does not exist", func(t *testing.T) {
		openSecret(t, urlOf(theirs, "creator", "missing"), "SQLSTATE 3D000", "creator", theirs.ConnConfig.Host)
	})

	t.Run("a role that does not exist", func(t *testing.T) {
		openSecret(t, urlOf(theirs, "stranger", "postgres"), "SQLSTATE 28000", "stranger", theirs.ConnConfig.Host)
	})

	if got := query[[]string](t, theirs, databases); !slices.Equal(got, before) {
		t.Errorf("databases at the end are %q, want %q", got, before)
	}
}

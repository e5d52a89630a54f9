//go:build linux || darwin

package scratch_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// urlOf returns a URL of s, for user and database.
func urlOf(t *testing.T, s *scratch.Server, user, database string) string {
	t.Helper()
	query := url.Values{"host": {connection(t, s).Host}, "user": {user}}
	return "postgres:///" + database + "?" + query.Encode()
}

// withCreator returns a server that has the user creator until the test ends.
func withCreator(t *testing.T) *scratch.Server {
	t.Helper()
	s := theirs(t)
	execute(t, s, "CREATE ROLE creator LOGIN CREATEDB")
	t.Cleanup(func() { execute(t, s, "DROP ROLE creator") })
	return s
}

// openURLOf uses s as a given server, as user creator.
func openURLOf(t *testing.T, s *scratch.Server) *scratch.Server {
	t.Helper()
	given, err := scratch.Given(t.Context(), urlOf(t, s, "creator", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { given.Close() })
	return given
}

func databases(t *testing.T, s *scratch.Server) []string {
	t.Helper()
	conn, err := pgx.ConnectConfig(context.Background(), connection(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var names []string
	err = conn.QueryRow(context.Background(), "SELECT array_agg(datname ORDER BY datname) FROM pg_database").Scan(&names)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestURL uses a temporary server as one that belongs to somebody else.
func TestURL(t *testing.T) {
	theirs := withCreator(t)
	execute(t, theirs, "CREATE DATABASE precious")
	defer execute(t, theirs, "DROP DATABASE precious")
	before := databases(t, theirs)

	t.Run("only scratch databases come and go", func(t *testing.T) {
		s := openURLOf(t, theirs)
		if !strings.HasSuffix(s.Description(), ", server given by its connection string") {
			t.Errorf("description is %q", s.Description())
		}
		source, err := s.Create(t.Context(), "CREATE TABLE t (id int)")
		if err != nil {
			t.Fatal(err)
		}
		copied, err := s.Clone(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		dropped, err := s.Create(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Drop(t.Context(), dropped); err != nil {
			t.Fatal(err)
		}
		want := append(slices.Clone(before), source.ConnConfig.Database, copied.ConnConfig.Database)
		slices.Sort(want)
		if got := databases(t, theirs); !slices.Equal(got, want) {
			t.Errorf("databases are %q, want %q", got, want)
		}

		pool, err := pgxpool.NewWithConfig(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		if err := pool.Ping(t.Context()); err != nil { // leaves a connection open
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		pool.Close()
		if got := databases(t, theirs); !slices.Equal(got, before) {
			t.Errorf("databases after Close are %q, want %q", got, before)
		}
	})

	t.Run("what cannot be dropped is reported", func(t *testing.T) {
		s := openURLOf(t, theirs)
		config, err := s.Create(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		name := config.ConnConfig.Database
		execute(t, theirs, "ALTER DATABASE "+name+" OWNER TO postgres")
		defer execute(t, theirs, "DROP DATABASE "+name)
		if err := s.Close(); err == nil || !strings.Contains(err.Error(), "drop scratch database "+name+": ERROR: must be owner") {
			t.Errorf("error is %v", err)
		}
	})

	t.Run("a role without CREATEDB", func(t *testing.T) {
		execute(t, theirs, `CREATE ROLE "we""ird" LOGIN`)
		defer execute(t, theirs, `DROP ROLE "we""ird"`)
		_, err := scratch.Given(t.Context(), urlOf(t, theirs, `we"ird`, "postgres"))
		if err == nil || !strings.HasSuffix(err.Error(), `ALTER ROLE "we""ird" CREATEDB`) {
			t.Errorf("error is %v", err)
		}
	})

	t.Run("a database that does not exist", func(t *testing.T) {
		openSecret(t, urlOf(t, theirs, "creator", "missing"), "SQLSTATE 3D000", "creator", connection(t, theirs).Host)
	})

	t.Run("a role that does not exist", func(t *testing.T) {
		openSecret(t, urlOf(t, theirs, "stranger", "postgres"), "SQLSTATE 28000", "stranger", connection(t, theirs).Host)
	})

	if got := databases(t, theirs); !slices.Equal(got, before) {
		t.Errorf("databases at the end are %q, want %q", got, before)
	}
}

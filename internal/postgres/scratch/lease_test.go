//go:build linux || darwin

package scratch_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/await"
	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

// TestPasswordOfAnyCharacters uses a password with characters that are special in URLs.
func TestPasswordOfAnyCharacters(t *testing.T) {
	const password = `p@s:s/w?o#r%d '"\ é`
	theirs := theirs(t)
	defer query[any](t, theirs, "DROP ROLE odd")
	query[any](t, theirs, "CREATE ROLE odd LOGIN CREATEDB PASSWORD '"+strings.ReplaceAll(password, "'", "''")+"'")
	conn := theirs.ConnConfig
	hba := filepath.Join(conn.Host, "pg_hba.conf") // which trusts everybody
	rules, err := os.ReadFile(hba)
	must.Succeed(t, err)
	must.Succeed(t, os.WriteFile(hba, append([]byte("local all odd scram-sha-256\n"), rules...), 0o600))
	query[any](t, theirs, "SELECT pg_reload_conf()")
	given := (&url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword("odd", password),
		Host:     ":" + strconv.Itoa(int(conn.Port)),
		Path:     "postgres",
		RawQuery: url.Values{"host": {conn.Host}}.Encode(),
	}).String()
	s, err := scratch.Given(t.Context(), given)
	must.Succeed(t, err)
	if _, err := s.Create(t.Context(), "CREATE TABLE t (id int)"); err != nil {
		t.Error(err)
	}
	must.Succeed(t, s.Close())
	_, err = scratch.Given(t.Context(), strings.Replace(given, "p%40s", "wrong", 1))
	if err == nil || !strings.Contains(err.Error(), "SQLSTATE 28P01") || strings.Contains(err.Error(), "w?o") {
		t.Errorf("got %v", err)
	}
}

// TestOrphans creates databases of a running process, of a killed one, of somebody else, and
// one with a similar name.
func TestOrphans(t *testing.T) {
	theirs := withCreator(t)
	const (
		prefix  = "fanout_bench_"
		orphan  = prefix + "0123456789abcdef_0123456789abcdef0123456789abcdef"
		foreign = prefix + "1123456789abcdef_0123456789abcdef0123456789abcdef"
		similar = prefix + "precious"
	)
	query[any](t, theirs, "CREATE DATABASE "+orphan+" OWNER creator")
	query[any](t, theirs, "CREATE DATABASE "+foreign)
	query[any](t, theirs, "CREATE DATABASE "+similar+" OWNER creator")
	for _, name := range []string{orphan, foreign, similar} {
		defer query[any](t, theirs, "DROP DATABASE IF EXISTS "+name)
	}
	living := openURLOf(t, theirs)
	config, err := living.Create(t.Context(), "")
	must.Succeed(t, err)
	s := openURLOf(t, theirs)
	want := func(want ...string) {
		t.Helper()
		got, used, err := s.Orphans(t.Context())
		if err != nil || strings.Join(got, " ") != strings.Join(want, " ") || len(used) > 0 {
			t.Errorf("orphans are %q, used are %q, %v; want %q", got, used, err, want)
		}
	}
	want(orphan)
	living.ReleaseLease(t.Context())
	vacated := config.ConnConfig.Database
	await.Until(t, "end of the session of the lease", func() bool {
		got, _, err := s.Orphans(t.Context())
		return err != nil || len(got) == 2
	})
	if vacated < orphan {
		want(vacated, orphan)
	} else {
		want(orphan, vacated)
	}
	must.Succeed(t, s.DropOrphan(t.Context(), orphan))
	want(vacated)

	user, err := pgx.ConnectConfig(t.Context(), config.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer user.Close(context.Background())
	if got, used, err := s.Orphans(t.Context()); err != nil || len(got) > 0 || len(used) != 1 || used[0] != vacated {
		t.Errorf("with a connection to %s, orphans are %q and used are %q, %v", vacated, got, used, err)
	}
}

// TestOrphanBeingCreated lets a run end while the server creates its database.
func TestOrphanBeingCreated(t *testing.T) {
	theirs := withCreator(t)
	killed, s := openURLOf(t, theirs), openURLOf(t, theirs)
	template, err := killed.Create(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	// Creating a database waits for this lock of its template.
	blocker, err := pgx.ConnectConfig(t.Context(), theirs.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer blocker.Close(context.Background())
	if _, err := blocker.Exec(t.Context(), "BEGIN; COMMENT ON DATABASE "+template.ConnConfig.Database+" IS 'locked'"); err != nil {
		t.Fatal(err)
	}
	made := make(chan string, 1)
	go func() {
		config, err := killed.Clone(context.Background(), template)
		if err != nil {
			t.Error(err)
			made <- ""
			return
		}
		made <- config.ConnConfig.Database
	}()
	sessions := func(condition string) func() bool {
		return func() bool {
			return query[int](t, theirs, "SELECT count(*)::int FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "+condition) > 0
		}
	}
	await.Until(t, "the statement to wait", sessions("query LIKE 'CREATE DATABASE%' AND wait_event_type = 'Lock'"))
	killed.ReleaseLease(t.Context())
	await.Until(t, "the server to notice that", func() bool {
		return query[int](t, theirs, "SELECT count(*)::int FROM pg_database WHERE datname = '"+template.ConnConfig.Database+"' AND "+scratch.Unleased) > 0
	})
	type found struct {
		left, used []string
		err        error
	}
	ended := make(chan found, 1)
	go func() {
		left, used, err := s.Orphans(context.Background())
		ended <- found{left, used, err}
	}()
	await.Until(t, "the look at sessions", sessions("query ~ 'AS creatin[g]'"))
	if _, err := blocker.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	name, f := <-made, <-ended
	if f.err != nil || !slices.Contains(f.left, name) || len(f.used) > 0 {
		t.Errorf("orphans are %q and used are %q, %v; want %q among the first", f.left, f.used, f.err, name)
	}
}

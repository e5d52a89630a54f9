//go:build linux || darwin

package scratch_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

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
	if err := s.Close(); err != nil {
		t.Error(err)
	}
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
		got, err := s.Orphans(t.Context())
		if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("orphans are %q, %v; want %q", got, err, want)
		}
	}
	want(orphan)
	living.ReleaseLease(t.Context())
	vacated := config.ConnConfig.Database
	await.Until(t, "end of the session of the lease", func() bool {
		got, err := s.Orphans(t.Context())
		return err != nil || len(got) == 2
	})
	if vacated < orphan {
		want(vacated, orphan)
	} else {
		want(orphan, vacated)
	}
	if err := s.DropOrphan(t.Context(), orphan); err != nil {
		t.Error(err)
	}
	want(vacated)
}

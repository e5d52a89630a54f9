//go:build linux || darwin

package scratch_test

import (
	"net/url"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fanout-bench/fanout-bench/internal/must"
	"github.com/fanout-bench/fanout-bench/internal/pgtest"
	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
	"github.com/fanout-bench/fanout-bench/internal/postgres/scratch"
)

func TestConnStringIsOfTheDatabase(t *testing.T) {
	theirs := theirs(t)
	conn := theirs.ConnConfig
	port := strconv.Itoa(int(conn.Port))
	keyword := "host='" + redact.Keyword(conn.Host) + "' port=" + port + " user='" + conn.User + "' dbname='postgres'"
	uri := "postgres://" + conn.User + "@:" + port + "/postgres?host=" + url.QueryEscape(conn.Host) + "&dbname=postgres&sslmode=disable"
	given := map[string]*scratch.Server{"the server of the tests": pgtest.Server(t)}
	for name, text := range map[string]string{"a URL": uri, "keywords": keyword} {
		s, err := scratch.Given(t.Context(), text)
		must.Succeed(t, err)
		defer s.Close()
		given[name] = s
	}
	for name, s := range given {
		config, err := s.Create(t.Context(), "CREATE TABLE t (id int)")
		must.Succeed(t, err)
		other, err := pgx.Connect(t.Context(), config.ConnString())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var database string
		err = other.QueryRow(t.Context(), "SELECT current_database() FROM (SELECT count(*) FROM t) AS counted").Scan(&database)
		if err != nil || database != config.ConnConfig.Database {
			t.Errorf("%s: in database %q, %v; want %q", name, database, err, config.ConnConfig.Database)
		}
		_ = other.Close(t.Context())
	}
}

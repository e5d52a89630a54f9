//go:build linux || darwin

package postgres

import (
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Who connects by the connection string of a scratch database ends up in it.
func TestConnStringIsOfTheDatabase(t *testing.T) {
	theirs := onSharedTCP(t).Server
	conn := theirs.config.ConnConfig
	keyword := keywords("host", conn.Host, "port", "0", "user", conn.User, "password", conn.Password, "dbname", "postgres")
	keyword = strings.Replace(keyword, "port='0'", "port="+portOf(theirs), 1)
	uri := "postgres://" + conn.User + ":" + conn.Password + "@" + conn.Host + ":" + portOf(theirs) + "/postgres?dbname=postgres&sslmode=disable"
	given := map[string]*Server{"on a socket": onSharedSocket(t).Server, "over TCP": theirs}
	for name, text := range map[string]string{"a URL": uri, "keywords": keyword} {
		s, err := Open(t.Context(), Options{URL: text})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		given[name] = s
	}
	for name, s := range given {
		config, err := s.Create(t.Context(), "CREATE TABLE t (id int)")
		if err != nil {
			t.Fatal(err)
		}
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

func portOf(s *Server) string { return strconv.Itoa(int(s.config.ConnConfig.Port)) }

package postgres

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// named returns config for the database name, with a connection string of it: who
// opens a connection by that must not end up in the database that the user named.
func (s *Server) named(name string) *pgxpool.Config {
	config := s.config.Copy()
	config.ConnConfig.Database = name
	config.ConnConfig.Tracer = nil
	parsed, err := pgxpool.ParseConfig(s.connString(name))
	if err != nil {
		return config
	}
	// What else is in the configuration is not said by the connection string.
	connection := parsed.ConnConfig
	transplant(config.ConnConfig, connection)
	transplant(config, parsed)
	parsed.ConnConfig = connection
	return parsed
}

// transplant copies the exported fields, all there are but those of the parser.
func transplant[T any](from, to *T) {
	source, target := reflect.ValueOf(from).Elem(), reflect.ValueOf(to).Elem()
	for i := range source.NumField() {
		if source.Type().Field(i).IsExported() {
			target.Field(i).Set(source.Field(i))
		}
	}
}

// ConnString returns the connection string of the server, for a program that is to make
// databases on it too. It holds the password.
func (s *Server) ConnString() string {
	if s.stop != nil {
		return s.connString(s.config.ConnConfig.Database)
	}
	return s.config.ConnString()
}

func (s *Server) connString(name string) string {
	given := s.config.ConnString()
	switch {
	case s.stop != nil:
		conn := s.config.ConnConfig
		return keywords("host", conn.Host, "port", strconv.Itoa(int(conn.Port)), "user", conn.User, "password", conn.Password,
			"dbname", name, "sslmode", "disable")
	case strings.HasPrefix(given, "postgres://"), strings.HasPrefix(given, "postgresql://"):
		u, err := url.Parse(given)
		if err != nil {
			return given
		}
		u.Path, u.RawPath = "/"+name, ""
		query := u.Query()
		query.Del("dbname") // which would win
		query.Del("database")
		u.RawQuery = query.Encode()
		return u.String()
	default:
		return given + " " + keywords("dbname", name) // the last one wins
	}
}

// inKeywords writes a value the way it stands between quotes in a connection string.
var inKeywords = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// keywords returns pairs as a connection string.
func keywords(pairs ...string) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			parts = append(parts, pairs[i]+"='"+inKeywords.Replace(pairs[i+1])+"'")
		}
	}
	return strings.Join(parts, " ")
}

package scratch

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
)

// inDatabase returns config for the database name. Its connection string also names that
// database, so that a connection opened by it does not reach the user's database.
func inDatabase(config *pgxpool.Config, name string, ours bool) *pgxpool.Config {
	config = config.Copy()
	config.ConnConfig.Database = name
	config.ConnConfig.Tracer = nil
	parsed, err := pgxpool.ParseConfig(connString(config, ours))
	if err != nil {
		return config
	}
	// The connection string does not carry the rest of the configuration.
	connection := parsed.ConnConfig
	transplant(config.ConnConfig, connection)
	transplant(config, parsed)
	parsed.ConnConfig = connection
	return parsed
}

// transplant copies the exported fields, which are all but those of the parser.
func transplant[T any](from, to *T) {
	source, target := reflect.ValueOf(from).Elem(), reflect.ValueOf(to).Elem()
	for i := range source.NumField() {
		if source.Type().Field(i).IsExported() {
			target.Field(i).Set(source.Field(i))
		}
	}
}

// connString returns a connection string for the database of config. That of a temporary
// server (ours) is built from its parts.
func connString(config *pgxpool.Config, ours bool) string {
	given, conn := config.ConnString(), config.ConnConfig
	switch {
	case ours:
		return fmt.Sprintf("host='%s' port=%d user='%s' password='%s' dbname='%s' sslmode=disable", redact.Keyword(conn.Host),
			conn.Port, redact.Keyword(conn.User), redact.Keyword(conn.Password), redact.Keyword(conn.Database))
	case strings.HasPrefix(given, "postgres://"), strings.HasPrefix(given, "postgresql://"):
		u, err := url.Parse(given)
		if err != nil {
			return given
		}
		u.Path, u.RawPath = "/"+conn.Database, ""
		query := u.Query()
		query.Del("dbname") // takes precedence over the path
		query.Del("database")
		u.RawQuery = query.Encode()
		return u.String()
	default:
		return given + " dbname='" + redact.Keyword(conn.Database) + "'" // the last one wins
	}
}

package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// connectLimit bounds a connection attempt unless the URL has a
// connect_timeout.
const connectLimit = 10 * time.Second

// openURL uses the server that o.URL names.
func openURL(ctx context.Context, o Options) (*Server, error) {
	if o.URL == "" {
		if o.Variables {
			return nil, errors.New("FANOUT_DATABASE_URL is not set")
		}
		return nil, errors.New("neither --database-url nor FANOUT_DATABASE_URL is set")
	}
	var (
		config *pgxpool.Config
		err    error
	)
	// It reads the files that the string and PG* variables name, which may be pipes.
	within(ctx, func() { config, err = pgxpool.ParseConfig(o.URL) })
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		// The parser's error quotes what it could not parse, which may be any
		// part of the password.
		return nil, errors.New("the connection string cannot be parsed, or a PG* environment variable is not valid; " +
			"want postgres://user:password@host:port/database or key=value pairs")
	}
	conn := config.ConnConfig
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = connectLimit
	}
	nameApplication(config)

	// The driver's limit is for one address and does not cover looking them up. Ours is
	// longer, for only the driver says which address did not answer.
	total := conn.ConnectTimeout * time.Duration(2+len(conn.Fallbacks))
	limited, cancel := context.WithTimeout(ctx, total)
	defer cancel()
	s, err := newServer(limited, config, "server given by its connection string", passwordOf(o.URL, conn), nil)
	if limited.Err() != nil && err != nil {
		err = fmt.Errorf("connect to %s, port %d: %w", printable(conn.Host), conn.Port, err)
	}
	return s, err
}

// nameApplication lets a server's administrator see whose connections these
// are, unless the user chose a name.
func nameApplication(config *pgxpool.Config) {
	params := config.ConnConfig.RuntimeParams
	if params["application_name"] == "" {
		params["application_name"] = "fanout-bench"
	}
}

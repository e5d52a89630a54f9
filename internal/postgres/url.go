package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
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

	// The driver's limit is for one address and does not cover looking them up.
	total := conn.ConnectTimeout * time.Duration(1+len(conn.Fallbacks))
	limited, cancel := context.WithTimeout(ctx, total)
	defer cancel()
	server, err := newServer(limited, config, "server given by its connection string", passwordOf(conn), nil)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("no answer from %s within %v", net.JoinHostPort(conn.Host, strconv.Itoa(int(conn.Port))), total)
	}
	return server, err
}

// nameApplication lets a server's administrator see whose connections these
// are, unless the user chose a name.
func nameApplication(config *pgxpool.Config) {
	params := config.ConnConfig.RuntimeParams
	if params["application_name"] == "" {
		params["application_name"] = "fanout-bench"
	}
}

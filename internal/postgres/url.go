package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
	if o.TCP && onAnySocket(conn) {
		return nil, errors.New("the server has to be reached over TCP, and the connection string leads to a Unix socket; " +
			"name a host in the connection string")
	}
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = connectLimit
	}
	nameApplication(config)

	// The driver's limit is for one address and does not cover looking them up.
	total := conn.ConnectTimeout * time.Duration(1+len(conn.Fallbacks))
	limited, cancel := context.WithTimeout(ctx, total)
	defer cancel()
	return newServer(limited, config, "server given by its connection string", secretsOf(o.URL, conn), nil)
}

// onAnySocket reports whether one of the servers that conn may connect to is
// reached on a socket. Only the driver takes a name that starts with @ for that
// of a host: PostgreSQL's own programs know sockets without a file by it.
func onAnySocket(conn *pgx.ConnConfig) bool {
	hosts := []string{conn.Host}
	for _, f := range conn.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	return slices.ContainsFunc(hosts, func(host string) bool {
		network, _ := pgconn.NetworkAddress(host, conn.Port)
		return network == "unix" || strings.HasPrefix(host, "@")
	})
}

// nameApplication lets a server's administrator see whose connections these
// are, unless the user chose a name.
func nameApplication(config *pgxpool.Config) {
	params := config.ConnConfig.RuntimeParams
	if params["application_name"] == "" {
		params["application_name"] = "fanout-bench"
	}
}

package scratch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fanout-bench/fanout-bench/internal/bounded"
	"github.com/fanout-bench/fanout-bench/internal/postgres/redact"
)

// connectLimit bounds a connection attempt if the URL has no connect_timeout.
const connectLimit = 10 * time.Second

// Given connects to the server of a connection string.
func Given(ctx context.Context, given string) (*Server, error) {
	var (
		config *pgxpool.Config
		err    error
	)
	// The parser reads files named by the string and PG* variables, which may be pipes.
	if late := bounded.Wait(ctx, 0, func() { config, err = pgxpool.ParseConfig(given) }); late != nil {
		return nil, late
	}
	if err != nil {
		// The parser's error quotes text that may be part of the password.
		return nil, errors.New("the connection string cannot be parsed, or a PG* environment variable is not valid; " +
			"want postgres://user:password@host:port/database or key=value pairs")
	}
	conn := config.ConnConfig
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = connectLimit
	}

	// The driver's limit covers one address and not the name lookup. This one is longer,
	// because only the driver says which address did not answer.
	total := conn.ConnectTimeout * time.Duration(2+len(conn.Fallbacks))
	limited, cancel := context.WithTimeout(ctx, total)
	defer cancel()
	s, err := New(limited, config, "server given by its connection string", nil)
	if limited.Err() != nil && err != nil {
		err = fmt.Errorf("connect to %s, port %d: %w", redact.Printable(conn.Host), conn.Port, err)
	}
	return s, err
}

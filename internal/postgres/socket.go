//go:build linux || darwin

package postgres

import (
	"errors"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	superuser  = "postgres"
	socketPort = 5432 // only a part of the socket's name
)

// maxSocketPath is how many bytes the address of a socket takes, beside the NUL
// at its end.
const maxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1

func socketPath(folder string) string {
	_, path := pgconn.NetworkAddress(folder, socketPort)
	return path
}

// socketList writes folder the way unix_socket_directories, a list, wants it.
func socketList(folder string) string {
	return `"` + strings.ReplaceAll(folder, `"`, `""`) + `"`
}

// socketConfig returns how to connect to the server whose socket is in folder.
func socketConfig(folder string) (*pgxpool.Config, error) {
	// Only the parser can make a configuration, and it reads the environment and
	// a password file too. What it finds there is about some other server: all
	// of it is overridden here or overwritten below.
	config, err := pgxpool.ParseConfig("host=/ port=5432 user=" + superuser + " dbname=postgres" +
		" sslmode=disable sslcertmode=disable target_session_attrs=any channel_binding=disable require_auth=''" +
		" min_protocol_version=3.0 max_protocol_version=3.0 connect_timeout=10")
	if err != nil {
		return nil, errors.New("PGSERVICE names a service that cannot be read; unset it")
	}
	conn := config.ConnConfig
	conn.Host, conn.Port, conn.Password, conn.Fallbacks = folder, socketPort, "", nil
	conn.RuntimeParams = map[string]string{}
	nameApplication(config)
	return config, nil
}

//go:build linux || darwin

package temporary

import (
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// socketPort is part of the name of a socket.
const socketPort = 5432

// maxSocketPath is the maximum length of a socket's path in bytes, without the final NUL.
const maxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1

func socketPath(folder string) string {
	_, path := pgconn.NetworkAddress(folder, socketPort)
	return path
}

// socketList quotes folder for unix_socket_directories, which is a list.
func socketList(folder string) string {
	return `"` + strings.ReplaceAll(folder, `"`, `""`) + `"`
}

// socketConfig returns how to connect to the server whose socket is in folder.
func socketConfig(folder string) (*pgxpool.Config, error) {
	return Config(folder, socketPort, "")
}

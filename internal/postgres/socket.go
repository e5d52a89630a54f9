//go:build linux || darwin

package postgres

import (
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// socketPort names the socket of a server that has no port.
const socketPort = 5432

// maxSocketPath is how many bytes the address of a socket takes, beside the NUL
// at its end.
const maxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1

func socketPath(folder string, port uint16) string {
	_, path := pgconn.NetworkAddress(folder, port)
	return path
}

// socketPorts returns the ports that the sockets in folder are named after. A
// server that was killed leaves its socket behind.
func socketPorts(folder string) []uint16 {
	prefix := strings.TrimSuffix(socketPath(folder, 0), "0")
	paths, _ := filepath.Glob(escapeGlob(prefix) + "*")
	var ports []uint16
	for _, path := range paths {
		// What is no number is the lock file of a socket.
		if port, err := strconv.ParseUint(strings.TrimPrefix(path, prefix), 10, 16); err == nil {
			ports = append(ports, uint16(port))
		}
	}
	return ports
}

// socketList writes folder the way unix_socket_directories, a list, wants it.
func socketList(folder string) string {
	return `"` + strings.ReplaceAll(folder, `"`, `""`) + `"`
}

// socketConfig returns how to connect to the server whose socket is in folder.
func socketConfig(folder string, port uint16) (*pgxpool.Config, error) {
	return temporaryConfig(folder, port, "")
}

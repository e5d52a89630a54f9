//go:build linux || darwin

package postgres

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// loopback is reached from this machine only.
const loopback = "127.0.0.1"

// passwordMethod never shows the password to the other side, and proves that
// the other side knows it.
const passwordMethod = "scram-sha-256"

// portTries is how many ports a server gets to try. That one is taken at the
// wrong moment is rare by itself.
const portTries = 3

var errPortTaken = errors.New("somebody took the port of the server")

// freePort returns a port of loopback that is free now. Somebody may take it
// before the server does, as nobody can keep it for another process.
func freePort() (uint16, error) {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.ParseIP(loopback)})
	if err != nil {
		return 0, fmt.Errorf("find a free port: %s", reason(err))
	}
	port := listener.Addr().(*net.TCPAddr).AddrPort().Port()
	return port, listener.Close()
}

// portTaken reports whether the server whose log is at path ended because it
// could not have its port. It says so nowhere else.
func portTaken(path string) bool {
	return strings.Contains(lastLines(path), "could not create any TCP/IP sockets")
}

// tcpConfig returns how to connect to the server that listens on loopback.
func tcpConfig(port uint16, password string) (*pgxpool.Config, error) {
	config, err := temporaryConfig(loopback, port, password)
	if err != nil {
		return nil, err
	}
	// Every user of the machine could listen there once the server is gone.
	config.ConnConfig.RequireAuth = passwordMethod
	return config, nil
}

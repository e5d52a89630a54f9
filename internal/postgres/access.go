//go:build linux || darwin

package postgres

import (
	"crypto/rand"
	"math"
)

// An access is how the users of a temporary server reach it. Every server has
// its socket besides, on which this package asks whether it is there.
type access struct {
	listen   string                 // the address to listen on; empty for the socket only
	password string                 // of the superuser on that address
	port     func() (uint16, error) // asked before each start; it names the socket too
}

// onSocket needs no port. The number is only a part of the socket's name.
var onSocket = access{port: func() (uint16, error) { return socketPort, nil }}

// overTCP takes a password, which nobody has seen yet: every user of the machine
// can reach the address.
func overTCP() access { return access{listen: loopback, password: rand.Text(), port: freePort} }

func (a access) tcp() bool { return a.listen != "" }

// longestPort returns a port no shorter than those of port, for the length of
// the socket's name.
func (a access) longestPort() uint16 {
	if a.tcp() {
		return math.MaxUint16
	}
	return socketPort
}
